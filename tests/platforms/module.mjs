// Calls the library `tests/collision/plugin`, a WebAssembly module without a system: `node module.mjs MODULE`. It prints how many
// entries there are, then the answer for each frame.
import { readFileSync } from "node:fs";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const { exports } = new WebAssembly.Instance(module);
console.log(exports.plugin_entries());
const place = exports.memory.grow(1) * 65536;
for (const frame of ["05\n", "ow\n\x07", "US\nhello"]) {
    const bytes = new TextEncoder().encode(frame);
    new Uint8Array(exports.memory.buffer).set(bytes, place);
    const length = exports.plugin_answer(place, bytes.length, place + 4096, 4096);
    const answer = new Uint8Array(exports.memory.buffer, place + 4096, length);
    console.log(new TextDecoder().decode(answer).replace("US\n", ""));
}
