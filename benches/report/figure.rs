//! Figures: time over size, both in decades, with a line for each contender and its name at its end.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::measure::Family;

type Result = std::result::Result<(), Box<dyn Error>>;

/// The medians and their spread, over a size in bytes.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) family: Family,
    pub(crate) points: Vec<(f64, [f64; 3])>,
}

pub(crate) struct Figure<'a> {
    pub(crate) title: &'a str,
    pub(crate) caption: &'a str,
    pub(crate) lines: Vec<Line>,
    /// The sizes, with their labels.
    pub(crate) sizes: Vec<(f64, String)>,
    /// How a number on the other axis reads.
    pub(crate) unit: fn(f64) -> String,
    pub(crate) axis: &'a str,
}

const WIDTH: u32 = 1180;
const HEIGHT: u32 = 800;
/// For the names, at the right.
const NAMES: u32 = 300;
/// Between two names.
const NAME_HEIGHT: i32 = 17;
const FONT: &str = "sans-serif";

impl Figure<'_> {
    pub(crate) fn draw(&self, path: &Path) -> Result {
        let area = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&WHITE)?;
        let centre = Pos::new(HPos::Center, VPos::Top);
        let middle = WIDTH.cast_signed() / 2;
        let text = |size| (FONT, size).into_font().color(&BLACK).pos(centre);
        area.draw(&Text::new(self.title, (middle, 14), text(22)))?;
        for (i, line) in self.caption.lines().enumerate() {
            let y = 46 + 18 * i32::try_from(i)?;
            area.draw(&Text::new(line, (middle, y), text(14)))?;
        }
        let top = 58 + 18 * u32::try_from(self.caption.lines().count())?;
        self.chart(&area, top)?;
        Ok(area.present()?)
    }

    fn chart(&self, area: &DrawingArea<SVGBackend<'_>, Shift>, top: u32) -> Result {
        let (times, sizes) = (self.times(), self.sizes.iter().map(|(size, _)| *size));
        let (first, last) = (self.sizes[0].0, self.sizes[self.sizes.len() - 1].0);
        let mut chart = ChartBuilder::on(area)
            .margin_top(top)
            .margin_right(NAMES)
            .margin_left(10)
            .margin_bottom(10)
            .x_label_area_size(48)
            .y_label_area_size(86)
            .build_cartesian_2d(
                (first..last).log_scale().with_key_points(sizes.collect()),
                times.log_scale(),
            )?;
        let label = |size: &f64| {
            let same = |known: &&(f64, String)| (known.0 / size - 1.0).abs() < 1e-6;
            self.sizes.iter().find(same).map_or_else(String::new, |(_, label)| label.clone())
        };
        chart
            .configure_mesh()
            .x_desc("size of the value's data")
            .y_desc(self.axis)
            .label_style((FONT, 14))
            .x_label_formatter(&label)
            .y_label_formatter(&|time| (self.unit)(*time))
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .draw()?;

        let mut ends = Vec::new();
        for (line, style) in self.lines.iter().zip(styles(&self.lines)) {
            let medians = line.points.iter().map(|(size, spread)| (*size, spread[1]));
            let stroke = style.color.stroke_width(if line.family == Family::Ours { 3 } else { 2 });
            if style.dash > 0 {
                chart.draw_series(DashedLineSeries::new(medians, style.dash, 4, stroke))?;
            } else {
                chart.draw_series(LineSeries::new(medians, stroke))?;
            }
            chart.draw_series(line.points.iter().map(|&(size, [low, median, high])| {
                ErrorBar::new_vertical(size, low, median, high, style.color.filled(), 7)
            }))?;
            if let Some(&(size, [_, median, _])) = line.points.last() {
                ends.push((chart.backend_coord(&(size, median)), &line.name, style.color));
            }
        }
        names(area, ends, top)
    }

    /// From the shortest to the longest, and a bit.
    fn times(&self) -> Range<f64> {
        let all = || self.lines.iter().flat_map(|line| &line.points).flat_map(|point| point.1);
        let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max));
        0.7 * low.max(1e-3)..1.4 * high
    }
}

struct Style {
    color: RGBColor,
    /// The length of a dash; 0 for a whole line.
    dash: u32,
}

/// A family has a colour, and its members shades of it.
fn styles(lines: &[Line]) -> Vec<Style> {
    let style = |(i, line): (usize, &Line)| {
        let before = &lines[..i];
        let place = before.iter().filter(|other| other.family == line.family).count();
        let (colors, dash): (&[RGBColor], u32) = match line.family {
            Family::Ours => {
                (&[RGBColor(0, 60, 200), RGBColor(0, 140, 230), RGBColor(0, 165, 160)], 0)
            }
            Family::Generic => (&[RGBColor(130, 60, 200), RGBColor(180, 120, 230)], 8),
            Family::Floor => (&[RGBColor(20, 20, 20), RGBColor(130, 130, 130)], 3),
            Family::Rust => {
                (&[RGBColor(200, 80, 0), RGBColor(225, 150, 30), RGBColor(150, 75, 30)], 0)
            }
            Family::Python => {
                (&[RGBColor(20, 130, 50), RGBColor(110, 175, 60), RGBColor(60, 110, 95)], 10)
            }
        };
        Style { color: colors[place % colors.len()], dash }
    };
    lines.iter().enumerate().map(style).collect()
}

/// Each as near to the end of its line as the others leave room for.
fn names(
    area: &DrawingArea<SVGBackend<'_>, Shift>,
    mut ends: Vec<((i32, i32), &String, RGBColor)>,
    top: u32,
) -> Result {
    ends.sort_by_key(|((_, y), ..)| *y);
    let count = i32::try_from(ends.len())?;
    let bottom = HEIGHT.cast_signed() - 20;
    let mut next = i32::MIN;
    for (i, ((x, y), name, color)) in (0..).zip(ends) {
        let room_below = bottom - (count - 1 - i) * NAME_HEIGHT;
        let place = y.max(next).min(room_below).max(top.cast_signed());
        next = place + NAME_HEIGHT;
        let left = (WIDTH - NAMES).cast_signed() + 24;
        area.draw(&PathElement::new(
            vec![(x + 4, y), (left - 14, place), (left - 4, place)],
            color.mix(0.5).stroke_width(1),
        ))?;
        let style = (FONT, 14).into_font().color(&color).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw(&Text::new(name.as_str(), (left, place), style))?;
    }
    Ok(())
}
