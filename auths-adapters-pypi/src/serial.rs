//! Compares the serials of a project and of its releases. PyPI raises them with every change, so answers of the same moment agree
//! on them.

use auths_core::{Unavailable, UnavailableReason};

/// Checks that an answer about a release shows the project in the state of the project's own answer, read just before.
///
/// # Errors
/// [`UnavailableReason::SerialRegressed`] when the serials differ: one of the answers is old, or the project changed between the two.
/// [`UnavailableReason::MissingField`] when only one has a serial.
pub(crate) fn ensure_same_serial(
    project: Option<u64>,
    release: Option<u64>,
) -> Result<(), Unavailable> {
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
            Err(Unavailable::new(UnavailableReason::SerialRegressed, detail))
        }
        (Some(_), None) | (None, Some(_)) => Err(Unavailable::new(
            UnavailableReason::MissingField,
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
        let why = |project, release| ensure_same_serial(project, release).map_err(|u| u.reason);
        assert_eq!(why(Some(7), Some(7)), Ok(()));
        assert_eq!(why(None, None), Ok(()));
        assert_eq!(
            why(Some(7), Some(8)),
            Err(UnavailableReason::SerialRegressed)
        );
        assert_eq!(
            why(Some(7), Some(6)),
            Err(UnavailableReason::SerialRegressed)
        );
        assert_eq!(why(None, Some(1)), Err(UnavailableReason::MissingField));
        assert_eq!(why(Some(7), None), Err(UnavailableReason::MissingField));
    }
}
