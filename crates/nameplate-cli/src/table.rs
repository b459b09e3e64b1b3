//! A table for a terminal. Where it is too narrow, each row becomes a block.

use nameplate::text::sanitized;
use unicode_width::UnicodeWidthStr;

/// Columns between two cells.
const GAP: usize = 2;

/// A header and rows of the same length.
#[derive(Debug, Default)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// The table as lines.
#[derive(Debug, PartialEq, Eq)]
pub enum Lines {
    /// The header, then a line for each row.
    Table(Vec<String>),
    /// A title and lines for each row.
    Blocks(Vec<(String, Vec<String>)>),
}

impl Table {
    pub fn new(header: Vec<String>) -> Self {
        Self { header, rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| sanitized(&cell)).collect());
    }

    /// The lines for a terminal of this width, in columns; `None` for no limit.
    pub fn lines(&self, width: Option<usize>) -> Lines {
        let widths: Vec<_> = (0..self.header.len()).map(|at| self.width(at)).collect();
        let needed = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        match width.is_none_or(|width| needed <= width) {
            true => {
                let all = std::iter::once(&self.header).chain(&self.rows);
                Lines::Table(all.map(|cells| line(cells, &widths)).collect())
            }
            false => Lines::Blocks(self.rows.iter().map(|cells| self.block(cells)).collect()),
        }
    }

    /// Of a column.
    fn width(&self, at: usize) -> usize {
        let cells = std::iter::once(&self.header).chain(&self.rows);
        cells.filter_map(|cells| cells.get(at)).map(|cell| cell.width()).max().unwrap_or(0)
    }

    /// The first cell is the title.
    fn block(&self, cells: &[String]) -> (String, Vec<String>) {
        let names = self.header.iter().skip(1);
        let widest = names.clone().map(|name| name.width()).max().unwrap_or(0);
        let lines = names.zip(cells.iter().skip(1)).filter(|(_, cell)| !cell.is_empty());
        let lines = lines.map(|(name, cell)| format!("  {}  {cell}", padded(name, widest)));
        (cells.first().cloned().unwrap_or_default(), lines.collect())
    }
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths).map(|(cell, width)| padded(cell, *width));
    cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
}

/// Hangul takes two columns (Unicode Standard Annex 11).
fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["Person", "Provider", "Email"].map(str::to_owned).to_vec());
        table.row(["하늘", "Discord", "h@e.com"].map(str::to_owned));
        table.row(["Mira\u{1b}[2J", "Kakao", ""].map(str::to_owned));
        table
    }

    #[test]
    fn columns_line_up_with_wide_characters() {
        let Lines::Table(lines) = table().lines(Some(26)) else { panic!("it fits") };
        let expected = ["Person   Provider  Email", "하늘     Discord   h@e.com", "Mira[2J  Kakao"];
        assert_eq!(lines, expected);
        assert_eq!(table().lines(None), Lines::Table(lines));
    }

    #[test]
    fn a_narrow_terminal_gets_blocks() {
        let Lines::Blocks(blocks) = table().lines(Some(25)) else { panic!("it does not fit") };
        let expected = [
            ("하늘", &["  Provider  Discord", "  Email     h@e.com"][..]),
            ("Mira[2J", &["  Provider  Kakao"]),
        ];
        let owned = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
        assert_eq!(blocks, expected.map(|(title, lines)| (title.to_owned(), owned(lines))));
    }
}
