//! The publisher rule: which CI runs may act for a package.

use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::members::Members;
use super::{
    AllowedRunner, EnvironmentName, IssuerUrl, NumericId, RefPattern, RepositoryName,
    ReusableWorkflow, RuleError, Trigger, WorkflowBinding, WorkflowFile,
};

/// The largest rule that [`PublisherRule::parse`] reads, in bytes: 1 MiB, as the claim that may hold it.
pub const MAX_RULE_BYTES: usize = 1024 * 1024;

/// The longest list of refs or triggers in a rule.
const MAX_LIST: usize = 64;

/// The members of a publisher rule, each of its own type. [`PublisherRule::new`] checks that they belong together.
///
/// `None` constrains nothing, but for `triggers`: there it stands for the default list of the platform
/// ([`CiProvider::default_triggers`](super::CiProvider::default_triggers)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PublisherRuleFields {
    /// The exact issuer of the tokens.
    pub issuer: IssuerUrl,
    /// The number of the repository. It decides.
    pub repository_id: NumericId,
    /// The number of the repository's owner. It decides.
    pub owner_id: NumericId,
    /// The name of the repository when the rule was made: a label.
    pub repository: RepositoryName,
    /// The workflow file, in the repository's own folder of workflows.
    pub workflow: WorkflowFile,
    /// Which of the run's workflows must be that file.
    pub binding: WorkflowBinding,
    /// The reusable workflow that must hold the job.
    pub reusable: Option<ReusableWorkflow>,
    /// The environment that the job must be in.
    pub environment: Option<EnvironmentName>,
    /// The refs that a run may be for.
    pub refs: Option<Vec<RefPattern>>,
    /// The events that may start a run.
    pub triggers: Option<Vec<Trigger>>,
    /// The machines that the job may run on.
    pub runner: AllowedRunner,
}

impl PublisherRuleFields {
    /// Creates the members that every rule has, and leaves the others at their defaults.
    #[must_use]
    pub const fn new(
        issuer: IssuerUrl,
        repository_id: NumericId,
        owner_id: NumericId,
        repository: RepositoryName,
        workflow: WorkflowFile,
    ) -> Self {
        Self {
            issuer,
            repository_id,
            owner_id,
            repository,
            workflow,
            binding: WorkflowBinding::CallerAndJob,
            reusable: None,
            environment: None,
            refs: None,
            triggers: None,
            runner: AllowedRunner::Hosted,
        }
    }
}

/// A rule that says which CI runs may act for a package: the member `publisher` of a
/// [`TrustedPublisher`](crate::claim::TrustedPublisher) claim.
///
/// On the wire it is a JSON object of strings. `issuer`, `repositoryId`, `ownerId`, `repository` and `workflow` are needed; the
/// others may be left out. Unknown and doubled members, empty lists, and members that contradict each other are refused.
///
/// # Security
/// Numbers decide, and names are labels: a repository that takes over the name matches nothing, one that was renamed still matches.
/// Without `environment` and `refs`, whoever may write to the repository can make a run that matches.
///
/// ```
/// use auths_core::ci::PublisherRule;
///
/// let rule = r#"{
///     "issuer": "https://token.actions.githubusercontent.com",
///     "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
///     "workflow": "release.yml", "environment": "pypi", "refs": ["refs/tags/v*"]
/// }"#;
/// assert!(PublisherRule::parse(rule.as_bytes()).is_ok());
/// let path = rule.replace("release.yml", ".github/workflows/release.yml");
/// assert_eq!(PublisherRule::parse(path.as_bytes()).unwrap_err().member, "workflow");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublisherRule(PublisherRuleFields);

impl PublisherRule {
    /// Makes a rule, and checks that its members belong together.
    ///
    /// # Errors
    /// [`RuleError`] with the member: a list is empty, too long or has a value twice; a reusable workflow is named that the binding
    /// does not look at, that is the rule's own file, or whose repository has the number of the rule's but another name, or the
    /// name but another number.
    pub fn new(fields: PublisherRuleFields) -> Result<Self, RuleError> {
        check_list("refs", fields.refs.as_deref())?;
        check_list("triggers", fields.triggers.as_deref())?;
        if let Some(reusable) = &fields.reusable {
            check_reusable(&fields, reusable)?;
        }
        Ok(Self(fields))
    }

    /// Reads a rule from the bytes of its JSON object.
    ///
    /// # Errors
    /// [`RuleError`] with the member.
    pub fn parse(bytes: &[u8]) -> Result<Self, RuleError> {
        if bytes.len() > MAX_RULE_BYTES {
            let what = format!("it has more than {MAX_RULE_BYTES} bytes");
            return Err(RuleError::new("", what));
        }
        let members = serde_json::from_slice(bytes);
        Self::read(members.map_err(|error| RuleError::new("", error.to_string()))?)
    }

    /// Returns the members.
    #[must_use]
    pub const fn fields(&self) -> &PublisherRuleFields {
        &self.0
    }

    fn read(mut members: Members) -> Result<Self, RuleError> {
        let fields = PublisherRuleFields {
            issuer: members.needed("issuer")?,
            repository_id: members.needed("repositoryId")?,
            owner_id: members.needed("ownerId")?,
            repository: members.needed("repository")?,
            workflow: members.needed("workflow")?,
            binding: members.value("binding")?.unwrap_or_default(),
            reusable: match members.object("reusable")? {
                Some(object) => Some(ReusableWorkflow::read(object)?),
                None => None,
            },
            environment: members.value("environment")?,
            refs: members.values("refs")?,
            triggers: members.values("triggers")?,
            runner: members.value("runner")?.unwrap_or_default(),
        };
        members.end()?;
        Self::new(fields)
    }
}

fn check_list<T: PartialEq>(member: &str, list: Option<&[T]>) -> Result<(), RuleError> {
    let Some(list) = list else {
        return Ok(());
    };
    if list.is_empty() {
        let what = "a list is not empty: leave the member out to constrain nothing";
        return Err(RuleError::new(member, what));
    }
    if list.len() > MAX_LIST {
        let what = format!("a list has at most {MAX_LIST} values");
        return Err(RuleError::new(member, what));
    }
    let mut rest = list;
    while let [first, others @ ..] = rest {
        if others.contains(first) {
            return Err(RuleError::new(member, "a list has each value once"));
        }
        rest = others;
    }
    Ok(())
}

fn check_reusable(
    fields: &PublisherRuleFields,
    reusable: &ReusableWorkflow,
) -> Result<(), RuleError> {
    if fields.binding == WorkflowBinding::Caller {
        let what = "the binding `caller` looks at no workflow of the job";
        return Err(RuleError::new("reusable", what));
    }
    let is_own = reusable.repository_id == fields.repository_id;
    if is_own != reusable.repository.is_same_as(&fields.repository) {
        let what =
            "one number has one name: it must fit `repositoryId` and `repository` of the rule";
        return Err(RuleError::new("reusable.repository", what));
    }
    if is_own && reusable.workflow == fields.workflow {
        let what = "it is the rule's own file: leave `reusable` out";
        return Err(RuleError::new("reusable.workflow", what));
    }
    Ok(())
}

impl<'de> Deserialize<'de> for PublisherRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Members::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl FromStr for PublisherRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Self::parse(text.as_bytes())
    }
}

/// The members as they are written: what has its default is left out.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "issuer")]
    issuer: &'a IssuerUrl,
    #[serde(rename = "repositoryId")]
    repository_id: &'a NumericId,
    #[serde(rename = "ownerId")]
    owner_id: &'a NumericId,
    #[serde(rename = "repository")]
    repository: &'a RepositoryName,
    #[serde(rename = "workflow")]
    workflow: &'a WorkflowFile,
    #[serde(rename = "binding", skip_serializing_if = "Option::is_none")]
    binding: Option<&'static str>,
    #[serde(rename = "reusable", skip_serializing_if = "Option::is_none")]
    reusable: Option<&'a ReusableWorkflow>,
    #[serde(rename = "environment", skip_serializing_if = "Option::is_none")]
    environment: Option<&'a EnvironmentName>,
    #[serde(rename = "refs", skip_serializing_if = "Option::is_none")]
    refs: Option<&'a [RefPattern]>,
    #[serde(rename = "triggers", skip_serializing_if = "Option::is_none")]
    triggers: Option<&'a [Trigger]>,
    #[serde(rename = "runner", skip_serializing_if = "Option::is_none")]
    runner: Option<&'static str>,
}

impl Serialize for PublisherRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = &self.0;
        let binding = Some(fields.binding).filter(|b| *b != WorkflowBinding::default());
        let runner = Some(fields.runner).filter(|r| *r != AllowedRunner::default());
        let written = Written {
            issuer: &fields.issuer,
            repository_id: &fields.repository_id,
            owner_id: &fields.owner_id,
            repository: &fields.repository,
            workflow: &fields.workflow,
            binding: binding.map(WorkflowBinding::as_str),
            reusable: fields.reusable.as_ref(),
            environment: fields.environment.as_ref(),
            refs: fields.refs.as_deref(),
            triggers: fields.triggers.as_deref(),
            runner: runner.map(AllowedRunner::as_str),
        };
        written.serialize(serializer)
    }
}

/// Writes the rule in a few words, for lists: the repository and the workflow file.
impl fmt::Display for PublisherRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PublisherRuleFields {
            repository,
            repository_id,
            workflow,
            ..
        } = &self.0;
        write!(f, "{workflow} of {repository} (number {repository_id})")
    }
}
