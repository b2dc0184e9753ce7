//! Figures of several small charts with the same axes, and the names of their lines in the last place.

use std::path::Path;

use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::figure::{
    Area, Axes, FONT, Line, Result, Style, WIDTH, head, head_height, styles, times,
};

/// Lines of one name have one style in all charts.
pub(crate) struct Charts<'a> {
    pub(crate) title: &'a str,
    pub(crate) caption: &'a str,
    /// Each with its title.
    pub(crate) panels: Vec<(String, Vec<Line>)>,
    /// The sizes, with their labels.
    pub(crate) sizes: Vec<(f64, String)>,
}

/// Small charts in a row.
const IN_A_ROW: usize = 3;
const CHART_HEIGHT: u32 = 330;
impl Charts<'_> {
    pub(crate) fn draw(&self, path: &Path) -> Result {
        // The last place is for the names.
        let rows = (self.panels.len() + 1).div_ceil(IN_A_ROW);
        let top = head_height(self.caption);
        let height = top + CHART_HEIGHT * u32::try_from(rows)?;
        let area = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
        head(&area, self.title, self.caption)?;

        let all = || self.panels.iter().flat_map(|(_, lines)| lines);
        let mut known: Vec<&Line> = Vec::new();
        for line in all() {
            if known.iter().all(|other| other.name != line.name) {
                known.push(line);
            }
        }
        known.sort_by_key(|line| line.family);
        let styles: Vec<_> = styles(known.iter().map(|line| line.family)).collect();
        let style = |line: &Line| {
            let place = known.iter().position(|other| other.name == line.name);
            styles[place.expect("every name was collected")]
        };

        let axes = Axes { sizes: &self.sizes, times: times(all()), small: true };
        let places = area.margin(top, 0, 0, 16).split_evenly((rows, IN_A_ROW));
        for ((title, lines), place) in self.panels.iter().zip(&places) {
            let middle = place.dim_in_pixel().0.cast_signed() / 2 + 30;
            let centre = Pos::new(HPos::Center, VPos::Top);
            let bold = (FONT, 16, FontStyle::Bold).into_font().color(&BLACK).pos(centre);
            place.draw(&Text::new(title.as_str(), (middle, 6), bold))?;
            let lines: Vec<_> = lines.iter().map(|line| (line, style(line))).collect();
            axes.chart(&place.margin(26, 4, 0, 0), &lines)?;
        }
        if let Some(place) = places.get(self.panels.len()) {
            names(place, known.iter().map(|line| line.name.as_str()).zip(styles))?;
        }
        Ok(area.present()?)
    }
}

fn names<'l>(place: &Area<'_>, lines: impl Iterator<Item = (&'l str, Style)>) -> Result {
    for (i, (name, style)) in (0..).zip(lines) {
        let y = 60 + i * 28;
        let (ends, stroke) = ([(60, y), (110, y)], style.color.stroke_width(style.width));
        if style.dash > 0 {
            place.draw(&DashedPathElement::new(ends, style.dash, 4, stroke))?;
        } else {
            place.draw(&PathElement::new(ends, stroke))?;
        }
        let left = Pos::new(HPos::Left, VPos::Center);
        let text = (FONT, 16).into_font().color(&style.color).pos(left);
        place.draw(&Text::new(name, (122, y), text))?;
    }
    Ok(())
}
