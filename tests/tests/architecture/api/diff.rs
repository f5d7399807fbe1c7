//! What changed between two texts, as `diff -u` shows it.

/// Lines around a change that are shown.
const AROUND: usize = 3;

/// The changed lines, with those around them.
pub(super) fn unified(was: &str, is: &str) -> String {
    let (was, is): (Vec<_>, Vec<_>) = (was.lines().collect(), is.lines().collect());
    let lines = compared(&was, &is);
    let near = |at: usize| {
        let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len());
        lines[around].iter().any(|(mark, _)| *mark != ' ')
    };
    let (mut text, mut old, mut new, mut was_shown) = (String::new(), 1, 1, false);
    for (at, (mark, line)) in lines.iter().enumerate() {
        let is_shown = near(at);
        if is_shown && !was_shown {
            text += &format!("@@ -{old} +{new} @@\n");
        }
        if is_shown {
            text += &format!("{mark}{line}\n");
        }
        was_shown = is_shown;
        old += usize::from(*mark != '+');
        new += usize::from(*mark != '-');
    }
    text
}

/// Every line of both, marked; by the longest common subsequence of what lies between the same beginning and end.
fn compared<'a>(was: &[&'a str], is: &[&'a str]) -> Vec<(char, &'a str)> {
    let pairs = || was.iter().zip(is);
    let begin = pairs().take_while(|(a, b)| a == b).count();
    let rest = was.len().min(is.len()) - begin;
    let backwards = was.iter().rev().zip(is.iter().rev());
    let end = backwards.take(rest).take_while(|(a, b)| a == b).count();
    let (a, b) = (&was[begin..was.len() - end], &is[begin..is.len() - end]);

    let mut longest = vec![vec![0_u32; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = match a[i] == b[j] {
                true => longest[i + 1][j + 1] + 1,
                false => longest[i + 1][j].max(longest[i][j + 1]),
            };
        }
    }
    let mut lines: Vec<_> = was[..begin].iter().map(|line| (' ', *line)).collect();
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            lines.push((' ', a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            lines.push(('-', a[i]));
            i += 1;
        } else {
            lines.push(('+', b[j]));
            j += 1;
        }
    }
    lines.extend(was[was.len() - end..].iter().map(|line| (' ', *line)));
    lines
}

#[test]
fn a_change_is_shown_with_its_surroundings() {
    let was = "a\nb\nc\nd\ne\nf\ng\nh\n";
    let is = "a\nb\nc\nd\nE\nf\ng\nh\ni\n";
    let shown = "@@ -2 +2 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n+i\n";
    assert_eq!(unified(was, is), shown);
    assert_eq!(unified(was, was), "");
}
