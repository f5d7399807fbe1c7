//! Text for people. Every line is escaped as a whole before it reaches a terminal.

use std::fmt::Write;

use auths_core::escape;

/// The style of a line, where colours are available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Good,
    Bad,
    Unsure,
    Strong,
}

/// A page of text. Every line passes through [`escape`], whatever its source.
#[derive(Debug, Default)]
pub(crate) struct Page {
    lines: Vec<(Style, String)>,
}

impl Page {
    /// Creates an empty page.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, text: impl Into<String>) -> &mut Self {
        self.push(Style::Plain, text)
    }

    /// Adds a heading.
    pub(crate) fn strong(&mut self, text: impl Into<String>) -> &mut Self {
        self.push(Style::Strong, text)
    }

    /// Adds the line with the outcome.
    pub(crate) fn outcome(&mut self, word: crate::exit::Word, text: impl AsRef<str>) -> &mut Self {
        use crate::exit::Exit;
        let style = match word.exit() {
            Exit::Yes => Style::Good,
            Exit::No => Style::Bad,
            _ => Style::Unsure,
        };
        self.push(style, format!("{}: {}", word.as_str(), text.as_ref()))
    }

    /// Adds `name: value`, indented.
    pub(crate) fn field(&mut self, name: &str, value: impl AsRef<str>) -> &mut Self {
        self.line(format!("  {name:<12} {}", value.as_ref()))
    }

    /// Adds an empty line.
    pub(crate) fn gap(&mut self) -> &mut Self {
        self.line("")
    }

    /// Adds rows, in columns as wide as their widest cell. The last column has no fixed width.
    pub(crate) fn table(&mut self, head: &[&str], rows: &[Vec<String>]) -> &mut Self {
        let mut widths: Vec<usize> = head.iter().map(|h| h.chars().count()).collect();
        let shown: Vec<Vec<String>> = rows
            .iter()
            .map(|row| row.iter().map(|cell| escape(cell).to_string()).collect())
            .collect();
        for row in &shown {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let layout = |cells: Vec<&str>| {
            let mut line = String::new();
            for (i, cell) in cells.iter().enumerate() {
                if i + 1 == cells.len() {
                    line.push_str(cell);
                } else {
                    let _ = write!(line, "{cell:<width$}  ", width = widths[i]);
                }
            }
            line
        };
        self.strong(layout(head.to_vec()));
        for row in &shown {
            self.line(layout(row.iter().map(String::as_str).collect()));
        }
        self
    }

    /// Returns the page with terminal styles. Every line of it is safe to print.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        for (style, line) in &self.lines {
            let (on, off) = match style {
                Style::Plain => ("", ""),
                Style::Good => ("\x1b[32m", "\x1b[0m"),
                Style::Bad => ("\x1b[31m", "\x1b[0m"),
                Style::Unsure => ("\x1b[33m", "\x1b[0m"),
                Style::Strong => ("\x1b[1m", "\x1b[0m"),
            };
            let _ = writeln!(text, "{on}{}{off}", escape(line));
        }
        text
    }

    fn push(&mut self, style: Style, text: impl Into<String>) -> &mut Self {
        self.lines.push((style, text.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_reaches_the_terminal_raw() {
        let mut page = Page::new();
        page.line("a\u{202e}b\nc")
            .field("x", "\x1b[2J")
            .table(&["a"], &[vec!["\u{9b}31m".to_owned()]]);
        let text = page.render();
        for raw in ["\u{202e}", "\nc", "\x1b[2J", "\u{9b}"] {
            assert!(!text.contains(raw), "{raw:?} in {text:?}");
        }
    }
}
