//! Figures: time over size, both in decades, with a line for each contender and its name at its end.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::measure::Family;
use crate::units;

pub(crate) type Result = std::result::Result<(), Box<dyn Error>>;

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
}

pub(crate) const WIDTH: u32 = 1180;
const HEIGHT: u32 = 800;
/// For the names, at the right.
const NAMES: u32 = 300;
/// Between two names.
const NAME_HEIGHT: i32 = 17;
pub(crate) const FONT: &str = "sans-serif";

pub(crate) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

impl Figure<'_> {
    pub(crate) fn draw(&self, path: &Path) -> Result {
        let area = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
        let top = head(&area, self.title, self.caption)?;
        let styles = styles(self.lines.iter().map(|line| line.family));
        let lines: Vec<_> = self.lines.iter().zip(styles).collect();
        let axes = Axes { sizes: &self.sizes, times: times(&self.lines), small: false };
        let ends = axes.chart(&area.margin(top, 0, 0, NAMES), &lines)?;
        names(&area, ends, top)?;
        Ok(area.present()?)
    }
}

pub(crate) fn head_height(caption: &str) -> u32 {
    58 + 18 * u32::try_from(caption.lines().count()).unwrap_or(0)
}

/// The title and the caption, above this height.
pub(crate) fn head(
    area: &Area<'_>,
    title: &str,
    caption: &str,
) -> std::result::Result<u32, Box<dyn Error>> {
    area.fill(&WHITE)?;
    let centre = Pos::new(HPos::Center, VPos::Top);
    let middle = WIDTH.cast_signed() / 2;
    let text = |size| (FONT, size).into_font().color(&BLACK).pos(centre);
    area.draw(&Text::new(title, (middle, 14), text(22)))?;
    for (i, line) in caption.lines().enumerate() {
        let y = 46 + 18 * i32::try_from(i)?;
        area.draw(&Text::new(line, (middle, y), text(14)))?;
    }
    Ok(head_height(caption))
}

/// From the shortest to the longest, and a bit.
pub(crate) fn times<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Range<f64> {
    let all = lines.into_iter().flat_map(|line| &line.points).flat_map(|point| point.1);
    let (low, high) =
        all.fold((f64::MAX, 0.0), |(low, high), time| (time.min(low), time.max(high)));
    0.7 * f64::max(low, 1e-3)..1.4 * high
}

pub(crate) struct Axes<'a> {
    pub(crate) sizes: &'a [(f64, String)],
    pub(crate) times: Range<f64>,
    /// Without descriptions, and with few labels.
    pub(crate) small: bool,
}

/// Where a line ends, whose it is, and its colour.
type End<'l> = ((i32, i32), &'l str, RGBColor);

impl Axes<'_> {
    pub(crate) fn chart<'l>(
        &self,
        area: &Area<'_>,
        lines: &[(&'l Line, Style)],
    ) -> std::result::Result<Vec<End<'l>>, Box<dyn Error>> {
        let sizes = self.sizes.iter().map(|(size, _)| *size);
        let (first, last) = (self.sizes[0].0, self.sizes[self.sizes.len() - 1].0);
        let mut chart = ChartBuilder::on(area)
            .margin_left(10)
            .margin_bottom(10)
            .x_label_area_size(if self.small { 28 } else { 48 })
            .y_label_area_size(if self.small { 60 } else { 86 })
            .build_cartesian_2d(
                (first..last).log_scale().with_key_points(sizes.collect()),
                self.times.clone().log_scale(),
            )?;
        let label = |size: &f64| {
            let same = |known: &&(f64, String)| (known.0 / size - 1.0).abs() < 1e-6;
            let known = self.sizes.iter().find(same).map(|(_, label)| label.as_str());
            let has_room = !self.small || self.sizes.len() < 5;
            let shown = known.filter(|label| has_room || label.starts_with("1 "));
            shown.unwrap_or_default().to_owned()
        };
        let mut mesh = chart.configure_mesh();
        if !self.small {
            mesh.x_desc("size of the value's data").y_desc("time of a call");
        }
        mesh.label_style((FONT, if self.small { 12 } else { 14 }))
            .x_label_formatter(&label)
            .y_label_formatter(&|time| units::time(*time))
            .light_line_style(TRANSPARENT)
            .bold_line_style(RGBColor(225, 225, 225))
            .draw()?;

        let mut ends = Vec::new();
        for &(line, style) in lines {
            let medians = line.points.iter().map(|(size, spread)| (*size, spread[1]));
            let stroke = style.color.stroke_width(style.width);
            if style.dash > 0 {
                chart.draw_series(DashedLineSeries::new(medians, style.dash, 4, stroke))?;
            } else {
                chart.draw_series(LineSeries::new(medians, stroke))?;
            }
            chart.draw_series(line.points.iter().map(|&(size, [low, median, high])| {
                ErrorBar::new_vertical(size, low, median, high, style.color.filled(), 7)
            }))?;
            if let Some(&(size, [_, median, _])) = line.points.last() {
                let end = chart.backend_coord(&(size, median));
                ends.push((end, line.name.as_str(), style.color));
            }
        }
        Ok(ends)
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Style {
    pub(crate) color: RGBColor,
    pub(crate) width: u32,
    /// The length of a dash; 0 for a whole line.
    pub(crate) dash: u32,
}

/// A family has a colour, and its members shades of it.
pub(crate) fn styles(families: impl Iterator<Item = Family>) -> impl Iterator<Item = Style> {
    let mut before = Vec::new();
    families.map(move |family| {
        let place = before.iter().filter(|other| **other == family).count();
        before.push(family);
        let (colors, width, dash): (&[RGBColor], _, _) = match family {
            Family::Ours => {
                (&[RGBColor(0, 60, 200), RGBColor(0, 140, 230), RGBColor(0, 165, 160)], 3, 0)
            }
            Family::Module => (&[RGBColor(200, 0, 80), RGBColor(235, 90, 140)], 3, 0),
            Family::Generic => (&[RGBColor(130, 60, 200), RGBColor(180, 120, 230)], 2, 8),
            Family::Floor => (&[RGBColor(20, 20, 20), RGBColor(130, 130, 130)], 2, 3),
            Family::Rust => {
                (&[RGBColor(200, 80, 0), RGBColor(225, 150, 30), RGBColor(150, 75, 30)], 2, 0)
            }
            Family::Python => {
                (&[RGBColor(20, 130, 50), RGBColor(110, 175, 60), RGBColor(60, 110, 95)], 2, 10)
            }
        };
        Style { color: colors[place % colors.len()], width, dash }
    })
}

/// Each as near to the end of its line as the others leave room for.
fn names(area: &Area<'_>, mut ends: Vec<End<'_>>, top: u32) -> Result {
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
        area.draw(&Text::new(name, (left, place), style))?;
    }
    Ok(())
}
