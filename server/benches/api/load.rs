//! What is asked, and how often: seven reads to three writes.

/// One kind of request. The order is that of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    ListWorkflows,
    Workflow,
    ListExecutions,
    ExecutionsOfWorkflow,
    Execution,
    Log,
    ListProjects,
    Project,
    Me,
    Preview,
    RunNow,
    Cancel,
    Edit,
    Pause,
    Resume,
    Create,
    Delete,
}

/// Of a hundred requests. What undoes something is asked as often as what it undoes.
const SHARES: [(Kind, usize); 17] = [
    (Kind::ListWorkflows, 6),
    (Kind::Workflow, 14),
    (Kind::ListExecutions, 8),
    (Kind::ExecutionsOfWorkflow, 6),
    (Kind::Execution, 20),
    (Kind::Log, 4),
    (Kind::ListProjects, 2),
    (Kind::Project, 4),
    (Kind::Me, 2),
    (Kind::Preview, 4),
    (Kind::RunNow, 10),
    (Kind::Cancel, 10),
    (Kind::Edit, 4),
    (Kind::Pause, 2),
    (Kind::Resume, 2),
    (Kind::Create, 1),
    (Kind::Delete, 1),
];

impl Kind {
    /// The kind of the request with this number. A hundred of them hold each kind in its share, well mixed: 37 and 100 have
    /// no divisor in common.
    pub(crate) fn of(number: u64) -> Self {
        let place = (number * 37 % 100) as usize;
        let mut end = 0;
        for (kind, share) in SHARES {
            end += share;
            if place < end {
                return kind;
            }
        }
        unreachable!("the shares add up to a hundred")
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::ListWorkflows => "list of workflows",
            Self::Workflow => "one workflow",
            Self::ListExecutions => "list of executions",
            Self::ExecutionsOfWorkflow => "executions of one workflow",
            Self::Execution => "one execution",
            Self::Log => "its log",
            Self::ListProjects => "list of projects",
            Self::Project => "one project",
            Self::Me => "who asks",
            Self::Preview => "preview of a schedule",
            Self::RunNow => "write: Run Now",
            Self::Cancel => "write: cancel",
            Self::Edit => "write: edit a workflow",
            Self::Pause => "write: pause",
            Self::Resume => "write: resume",
            Self::Create => "write: make a workflow",
            Self::Delete => "write: delete it",
        }
    }
}
