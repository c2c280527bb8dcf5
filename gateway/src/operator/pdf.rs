//! PDF by hand: lines of a fixed-width type that every reader has, landscape A4. A long table with its head repeated on each
//! page is made here, a report with charts by [`Flow`]. Enough for a file that is printed and filed; nothing is embedded and nothing compressed, so that it stays readable as text.

mod flow;

pub(super) use flow::{Flow, Series};

use std::fmt::Write;

/// A4 lying, in points.
const WIDTH: u32 = 842;
const HEIGHT: u32 = 595;
const MARGIN: u32 = 36;
/// Size of the type and distance of lines, in points; a letter is 0.6 of the size wide.
const SIZE: u32 = 7;
const LEADING: u32 = 10;
/// Letters on a line, lines on a page beside foot and margin.
const LETTERS: usize = ((WIDTH - 2 * MARGIN) * 10 / (SIZE * 6)) as usize;
const LINES: usize = ((HEIGHT - 2 * MARGIN) / LEADING - 2) as usize;

/// What stands in the file.
pub(super) struct Paper<'a> {
    /// Title.
    pub(super) title: &'a str,
    /// Lines before the table.
    pub(super) before: &'a [String],
    /// Heads of the columns.
    pub(super) head: &'a [&'a str],
    /// Rows.
    pub(super) rows: &'a [Vec<String>],
}

/// The file.
pub(super) fn paper(paper: &Paper<'_>) -> Vec<u8> {
    let widths: Vec<usize> = (0..paper.head.len())
        .map(|at| {
            let cells = paper.rows.iter().filter_map(|row| row.get(at));
            let most = cells.map(|cell| cell.chars().count()).max().unwrap_or_default();
            most.max(paper.head.get(at).map_or(0, |head| head.chars().count()))
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| -> String {
        let padded = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}  "));
        padded.collect::<String>().trim_end().chars().take(LETTERS).collect()
    };
    let head = line(&mut paper.head.iter().copied());
    let rule = "-".repeat(head.chars().count());
    let mut pages: Vec<Vec<String>> = Vec::new();
    let mut page = vec![paper.title.to_owned(), String::new()];
    page.extend(paper.before.iter().map(|text| text.chars().take(LETTERS).collect()));
    page.extend([String::new(), head.clone(), rule.clone()]);
    for row in paper.rows {
        if page.len() >= LINES {
            pages.push(std::mem::replace(&mut page, vec![head.clone(), rule.clone()]));
        }
        page.push(line(&mut row.iter().map(String::as_str)));
    }
    pages.push(page);
    written(&pages.iter().map(|lines| drawn(lines)).collect::<Vec<_>>())
}

/// What draws a page of lines.
fn drawn(lines: &[String]) -> Vec<u8> {
    let mut drawn = format!("BT /F {SIZE} Tf {LEADING} TL {MARGIN} {} Td\n", HEIGHT - MARGIN).into_bytes();
    for line in lines {
        drawn.push(b'(');
        drawn.extend(line.chars().flat_map(letter));
        drawn.extend_from_slice(b") '\n");
    }
    drawn.extend_from_slice(b"ET");
    drawn
}

/// Objects: 1 catalogue, 2 pages, 3 type, 4 type of heads, then two for each page.
fn written(pages: &[Vec<u8>]) -> Vec<u8> {
    let kids: String = (0..pages.len()).map(|at| format!("{} 0 R ", 5 + 2 * at)).collect();
    let font = |name: &str| {
        format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>").into_bytes()
    };
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()).into_bytes(),
        font("Courier"),
        font("Helvetica-Bold"),
    ];
    for (at, page) in pages.iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] \
                 /Resources << /Font << /F 3 0 R /H 4 0 R >> >> /Contents {} 0 R >>",
                6 + 2 * at
            )
            .into_bytes(),
        );
        let foot = format!(
            "\nBT /F {SIZE} Tf {MARGIN} {} Td ({} / {}) Tj ET",
            MARGIN / 2,
            at + 1,
            pages.len()
        );
        let mut stream = format!("<< /Length {} >>\nstream\n", page.len() + foot.len()).into_bytes();
        stream.extend_from_slice(page);
        stream.extend_from_slice(foot.as_bytes());
        stream.extend_from_slice(b"\nendstream");
        objects.push(stream);
    }
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (at, object) in objects.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend_from_slice(format!("{} 0 obj\n", at + 1).as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let from = file.len();
    let size = objects.len() + 1;
    file.extend_from_slice(table.as_bytes());
    file.extend_from_slice(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{from}\n%%EOF\n").as_bytes());
    file
}

/// One letter of a string, in the bytes of the type; what it does not have is a question mark.
fn letter(letter: char) -> Vec<u8> {
    match letter {
        '(' | ')' | '\\' => vec![b'\\', u8::try_from(letter).unwrap_or(b'?')],
        '–' => vec![0x96],
        ' '..='~' | '\u{a1}'..='\u{ff}' => vec![u8::try_from(u32::from(letter)).unwrap_or(b'?')],
        _ => vec![b'?'],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_is_where_the_table_says_and_the_head_is_on_each_page() {
        let rows: Vec<_> = (0..130)
            .map(|n| vec![format!("baris {n}"), "a(b)\\é–\u{6f22}".to_owned()])
            .collect();
        let file = paper(&Paper {
            title: "Bukti gangguan",
            before: &["Masa: seluruhnya".to_owned()],
            head: &["mulai", "kode"],
            rows: &rows,
        });
        let text: String = file.iter().map(|byte| char::from(*byte)).collect();
        let from: usize = text
            .rsplit("startxref\n")
            .next()
            .unwrap()
            .lines()
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let table = String::from_utf8_lossy(&file[from..]).into_owned();
        let places: Vec<usize> = table
            .lines()
            .filter_map(|line| line.strip_suffix(" 00000 n ")?.parse().ok())
            .collect();
        assert_eq!(places.len(), 4 + 2 * 3, "three pages");
        for (at, place) in places.into_iter().enumerate() {
            let head = format!("{} 0 obj\n", at + 1);
            assert!(file[place..].starts_with(head.as_bytes()), "{head}");
        }
        assert_eq!(text.matches("(mulai").count(), 3);
        assert!(text.contains("a\\(b\\)\\\\\u{e9}\u{96}?") && text.contains("(3 / 3)"));
        for row in &rows {
            assert!(text.contains(&format!("({} ", row[0])), "{row:?}");
        }
    }
}
