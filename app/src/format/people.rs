//! Roles and browsers in words.

use model::{Access, Role, project::ProjectName};

pub fn role(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Operator => "Operator",
        Role::Editor => "Editor",
        Role::Administrator => "Administrator",
    }
}

/// `Viewer · Editor in Customers`
pub fn roles(access: &Access, projects: &[ProjectName]) -> String {
    let named = |id| projects.iter().find(|project| project.id == id).map_or("a project", |project| &project.name);
    let everywhere = access.everywhere.map(|it| role(it).to_owned());
    let more = access.projects.iter().map(|(id, it)| format!("{} in {}", role(*it), named(*id)));
    let words: Vec<String> = everywhere.into_iter().chain(more).collect();
    if words.is_empty() { "No role yet".to_owned() } else { words.join(" · ") }
}

/// `Firefox on Linux`, as far as it can be told from what a browser calls itself.
pub fn browser(agent: &str) -> String {
    // Each also calls itself what those behind it do.
    let names =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    let systems = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |list: &[(&str, &'static str)]| list.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    match (find(&names), find(&systems)) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => agent.split(['/', ' ']).next().unwrap_or(agent).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_known_by_its_name_and_system() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser(&format!("{chrome} Edg/120.0")), "Edge on Linux");
        assert_eq!(browser("curl/8.1.2"), "curl");
    }

    #[test]
    fn roles_are_told_everywhere_first() {
        assert_eq!(roles(&Access::default(), &[]), "No role yet");
        assert_eq!(roles(&Access::everywhere(Role::Viewer), &[]), "Viewer");
    }
}
