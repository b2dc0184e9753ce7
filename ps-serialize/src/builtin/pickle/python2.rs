//! The names that Python 2 had for what is in Python 3's standard library: protocols 0 to 2 have them.

use std::borrow::Cow;

/// Modules, and their names in Python 3.
const MODULES: &[(&str, &str)] = &[
    ("BaseHTTPServer", "http.server"),
    ("CGIHTTPServer", "http.server"),
    ("ConfigParser", "configparser"),
    ("Cookie", "http.cookies"),
    ("HTMLParser", "html.parser"),
    ("Queue", "queue"),
    ("SimpleHTTPServer", "http.server"),
    ("SocketServer", "socketserver"),
    ("StringIO", "io"),
    ("UserDict", "collections"),
    ("UserList", "collections"),
    ("UserString", "collections"),
    ("_abcoll", "collections.abc"),
    ("_elementtree", "xml.etree.ElementTree"),
    ("_winreg", "winreg"),
    ("anydbm", "dbm"),
    ("cPickle", "pickle"),
    ("cStringIO", "io"),
    ("commands", "subprocess"),
    ("cookielib", "http.cookiejar"),
    ("dbhash", "dbm.bsd"),
    ("dumbdbm", "dbm.dumb"),
    ("dummy_thread", "_dummy_thread"),
    ("gdbm", "dbm.gnu"),
    ("htmlentitydefs", "html.entities"),
    ("httplib", "http.client"),
    ("markupbase", "_markupbase"),
    ("repr", "reprlib"),
    ("robotparser", "urllib.robotparser"),
    ("thread", "_thread"),
    ("urllib2", "urllib.request"),
    ("urlparse", "urllib.parse"),
    ("whichdb", "dbm"),
    ("xmlrpclib", "xmlrpc.client"),
];

/// The module and the name that Python 3 has for a name.
pub(super) fn renamed<'p>(
    module: Cow<'p, str>,
    name: Cow<'p, str>,
) -> (Cow<'p, str>, Cow<'p, str>) {
    let name = match (&*module, &*name) {
        ("UserDict", "IterableUserDict") => "UserDict".into(),
        ("exceptions", "StandardError") => "Exception".into(),
        _ => name,
    };
    match MODULES.iter().find(|(old, _)| *old == module) {
        Some((_, new)) => ((*new).into(), name),
        None => (module, name),
    }
}
