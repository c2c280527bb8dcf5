//! A report as PDF, from top to bottom: heads, lines, tables, bars, a map. Charts are vectors in greys, so that they print on
//! any printer; what they show is beside them in figures. Whole points only.

use super::{HEIGHT, LEADING, LETTERS, MARGIN, SIZE, WIDTH, letter, written};

/// Bottom of what is written, above the foot.
const END: u32 = MARGIN + LEADING;
/// Where bars begin, and how long the longest is.
const BARS: u32 = MARGIN + 150;
const LONGEST: u64 = 480;
/// Boxes of the map: width, height, distance, and how many fit on a page.
const BOX: (u32, u32, u32) = (190, 14, 18);
const BOXES: usize = 24;

/// One series of bars: its name, its grey (0 black, 9 nearly white), its values.
pub(in super::super) struct Series<'s> {
    pub(in super::super) name: &'s str,
    pub(in super::super) grey: u8,
    pub(in super::super) values: Vec<u64>,
}

/// A file under way.
pub(in super::super) struct Flow {
    pages: Vec<Vec<u8>>,
    page: Vec<u8>,
    /// Where the next line stands.
    at: u32,
}

impl Flow {
    pub(in super::super) fn new(title: &str) -> Self {
        let mut flow = Self {
            pages: Vec::new(),
            page: Vec::new(),
            at: HEIGHT - MARGIN - 8,
        };
        flow.text('H', 16, MARGIN, flow.at, title);
        flow.at -= 24;
        flow
    }

    /// The file.
    pub(in super::super) fn file(mut self) -> Vec<u8> {
        self.pages.push(self.page);
        written(&self.pages)
    }

    /// Begins a new page unless so much room is left.
    fn room(&mut self, wanted: u32) {
        if self.at < END + wanted {
            self.pages.push(std::mem::take(&mut self.page));
            self.at = HEIGHT - MARGIN - SIZE;
        }
    }

    fn draw(&mut self, what: &str) {
        self.page.extend_from_slice(what.as_bytes());
        self.page.push(b'\n');
    }

    fn text(&mut self, font: char, size: u32, x: u32, y: u32, text: &str) {
        self.page
            .extend_from_slice(format!("BT /{font} {size} Tf {x} {y} Td (").as_bytes());
        self.page.extend(text.chars().flat_map(letter));
        self.page.extend_from_slice(b") Tj ET\n");
    }

    fn filled(&mut self, grey: u8, x: u32, y: u32, wide: u64, high: u32) {
        self.draw(&format!("0.{grey} g {x} {y} {wide} {high} re f 0 g"));
        self.draw(&format!("0.4 w {x} {y} {wide} {high} re S"));
    }

    /// A head, never alone at the end of a page.
    pub(in super::super) fn head(&mut self, text: &str) {
        self.room(80);
        self.at = self.at.saturating_sub(10);
        self.text('H', 11, MARGIN, self.at, text);
        self.at -= 16;
    }

    /// A line, or as many as it needs.
    pub(in super::super) fn line(&mut self, text: &str) {
        for part in folded(text, LETTERS) {
            self.room(LEADING);
            self.text('F', SIZE, MARGIN, self.at, &part);
            self.at -= LEADING;
        }
    }

    /// A table; its last column is folded where it is too long, its head comes again on each page.
    pub(in super::super) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        let last = head.len().saturating_sub(1);
        let widths: Vec<usize> = (0..last)
            .map(|at| {
                let cells = rows.iter().filter_map(|row| row.get(at));
                let most = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
                most.max(head.get(at).map_or(0, |head| head.chars().count()))
            })
            .collect();
        let before: usize = widths.iter().map(|width| width + 2).sum();
        let room = LETTERS.saturating_sub(before).max(20);
        let line = |cells: &[String], end: &str| -> String {
            let padded = cells
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell:<width$}  "));
            format!("{}{end}", padded.collect::<String>())
        };
        let heads: Vec<String> = head.iter().map(|head| (*head).to_owned()).collect();
        let top = line(&heads, head.last().copied().unwrap_or_default());
        let empty = vec![String::new(); last];
        let mut pages = self.pages.len() + 1;
        for row in rows {
            let ends = folded(row.last().map_or("", String::as_str), room);
            for (at, end) in ends.iter().enumerate() {
                self.room(3 * LEADING);
                if pages != self.pages.len() {
                    pages = self.pages.len();
                    self.line(&top);
                    self.line(&"-".repeat(top.chars().count().min(LETTERS)));
                }
                let cells = if at == 0 { row.as_slice() } else { empty.as_slice() };
                self.line(&line(cells, end));
            }
        }
        self.at = self.at.saturating_sub(LEADING / 2);
    }

    /// Lying bars, one series after the other, with the sum at their end.
    pub(in super::super) fn bars(&mut self, labels: &[String], series: &[Series<'_>], unit: &str) {
        let sum = |at: usize| series.iter().filter_map(|one| one.values.get(at)).sum::<u64>();
        let most = (0..labels.len()).map(sum).max().unwrap_or_default().max(1);
        self.room(4 * LEADING);
        let (mut x, y) = (BARS, self.at);
        for one in series {
            self.filled(one.grey, x, y, 8, 7);
            self.text('F', SIZE, x + 12, y, one.name);
            x += 30 + u32::try_from(one.name.chars().count()).unwrap_or(20) * 5;
        }
        self.at -= LEADING + 4;
        for (at, label) in labels.iter().enumerate() {
            self.room(LEADING + 4);
            let y = self.at;
            let short: String = label.chars().take(33).collect();
            self.text('F', SIZE, MARGIN, y, &short);
            let mut x = BARS;
            for one in series {
                let value = one.values.get(at).copied().unwrap_or_default();
                let wide = value.saturating_mul(LONGEST) / most;
                if wide > 0 {
                    self.filled(one.grey, x, y - 2, wide, 9);
                    x += u32::try_from(wide).unwrap_or_default();
                }
            }
            self.text('F', SIZE, x + 6, y, &format!("{} {unit}", sum(at)));
            self.at -= LEADING + 4;
        }
        self.at = self.at.saturating_sub(LEADING / 2);
    }

    /// Names at the left and at the right, each with a line to the box between; on as many pages as it takes.
    pub(in super::super) fn map(&mut self, left: &[String], middle: &str, right: &[String]) {
        let (wide, high, step) = BOX;
        let parts = left.len().max(right.len()).div_ceil(BOXES).max(1);
        for part in 0..parts {
            let of = |all: &[String]| -> Vec<String> { all.iter().skip(part * BOXES).take(BOXES).cloned().collect() };
            let (left, right) = (of(left), of(right));
            let rows = u32::try_from(left.len().max(right.len()).max(2)).unwrap_or(2);
            self.room(rows * step);
            let (top, centre) = (self.at, self.at - rows * step / 2);
            let (from, to) = (MARGIN + wide, WIDTH - MARGIN - wide);
            for (names, x, end, near) in [(&left, MARGIN, from, from + 80), (&right, to, to, to - 80)] {
                let count = u32::try_from(names.len()).unwrap_or(1).max(1);
                for (row, name) in (0_u32..).zip(names) {
                    let y = top - rows * step * (2 * row + 1) / (2 * count);
                    self.draw(&format!("0.5 w 0.5 G {end} {y} m {near} {centre} l S 0 G"));
                    self.draw(&format!("0.6 w {x} {} {wide} {high} re S", y - high / 2));
                    let short: String = name.chars().take(42).collect();
                    self.text('F', SIZE, x + 5, y - 2, &short);
                }
            }
            self.filled(8, from + 80, centre - 16, u64::from(to - from - 160), 32);
            self.text('H', 11, from + 92, centre - 4, middle);
            self.at -= rows * step + LEADING;
        }
    }
}

/// A text in pieces of at most so many letters, cut at blanks where there are some.
fn folded(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut count = 0;
    let cut: Vec<char> = text.chars().collect();
    for word in cut
        .split_inclusive(|letter| *letter == ' ')
        .flat_map(|word| word.chunks(room))
    {
        let bare = word.len() - usize::from(word.last() == Some(&' '));
        if count + bare > room {
            lines.push(String::new());
            count = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.extend(word);
        }
        count += word.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_cut_off_and_heads_come_again() {
        assert_eq!(folded("satu dua tiga", 9), ["satu dua ", "tiga"]);
        assert_eq!(folded("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(folded("", 3), [""]);
        let mut flow = Flow::new("Laporan");
        let rows: Vec<Vec<String>> = (0..120)
            .map(|n| vec![format!("operasi.{n}"), "unsur ".repeat(60)])
            .collect();
        flow.table(&["operasi", "unsur"], &rows);
        flow.bars(
            &["lapor".to_owned(), "oss".to_owned()],
            &[
                Series {
                    name: "Berhasil",
                    grey: 3,
                    values: vec![90, 10],
                },
                Series {
                    name: "Gagal",
                    grey: 7,
                    values: vec![10, 0],
                },
            ],
            "percobaan",
        );
        let names: Vec<String> = (0..60).map(|n| format!("opd-{n}")).collect();
        flow.map(&names, "Simpul", &names[..3]);
        let file = flow.file();
        let text: String = file.iter().map(|byte| char::from(*byte)).collect();
        let pages = text.matches("/Type /Page ").count();
        assert!(text.matches("(operasi ").count() > 5, "{pages}");
        for name in &names {
            assert!(text.contains(&format!("({name})")), "{name}");
        }
        assert_eq!(text.matches("unsur ").count(), 120 * 60);
        // 90 of 100 is nine tenths of the longest bar.
        assert!(text.contains(" 432 9 re f") && text.contains("(100 percobaan)"));
        // Nothing stands below the foot or beside the sheet.
        for place in text.split("Tf ").skip(1) {
            let mut words = place.split(' ');
            let x: u32 = words.next().unwrap().parse().unwrap();
            let y: u32 = words.next().unwrap().parse().unwrap();
            assert!(
                (MARGIN / 2..HEIGHT).contains(&y) && (MARGIN..WIDTH).contains(&x),
                "{x} {y}"
            );
        }
    }
}
