//! The serials of a project and of its releases, which PyPI raises with every change: what answers at one moment agree on.

use auths_core::{Unavailable, Why};

/// That an answer about a release shows the project as its own answer, read just before, did.
///
/// # Errors
/// [`Why::SerialRegressed`] when the serials differ: one of the answers is old, or the project changed between the two.
/// [`Why::MissingField`] when only one has a serial.
pub(crate) fn same(project: Option<u64>, release: Option<u64>) -> Result<(), Unavailable> {
    match (project, release) {
        (Some(project), Some(release)) if project != release => {
            let older = if release < project {
                "release"
            } else {
                "project"
            };
            let detail = format!(
                "the answer about the {older} is the older one: the project has serial {project}, its release {release}"
            );
            Err(Unavailable::new(Why::SerialRegressed, detail))
        }
        (Some(_), None) | (None, Some(_)) => Err(Unavailable::new(
            Why::MissingField,
            "only one of the answers about a project and its release has a last_serial",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_of_the_project_as_it_was_read() {
        let why = |project, release| same(project, release).map_err(|u| u.why);
        assert_eq!(why(Some(7), Some(7)), Ok(()));
        assert_eq!(why(None, None), Ok(()));
        assert_eq!(why(Some(7), Some(8)), Err(Why::SerialRegressed));
        assert_eq!(why(Some(7), Some(6)), Err(Why::SerialRegressed));
        assert_eq!(why(None, Some(1)), Err(Why::MissingField));
        assert_eq!(why(Some(7), None), Err(Why::MissingField));
    }
}
