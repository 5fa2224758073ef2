//! Where databases may be. Whoever edits a project names a host, and the server connects to it from inside the network: so a
//! host is looked at first, unless every one is allowed.

use std::{fmt, net::IpAddr};

use async_trait::async_trait;
use engine::Failure;
use model::config::database::{DatabaseServer, Tls};

use super::failure::Place;

/// Looks at hosts.
#[async_trait]
pub trait Hosts: fmt::Debug + Send + Sync + 'static {
    /// The addresses of `host` that may be connected to, at least one.
    ///
    /// # Errors
    /// Why there is none, in words.
    async fn allowed(&self, host: &str) -> Result<Vec<IpAddr>, String>;
}

/// What to connect to, one after the other until one answers: addresses that were looked at, so that it does not matter
/// what the name says a moment later.
pub(super) async fn of(
    server: &DatabaseServer,
    hosts: Option<&dyn Hosts>,
    place: &Place,
) -> Result<Vec<String>, Failure> {
    let Some(hosts) = hosts else { return Ok(vec![server.host.clone()]) };
    let refused = |why: &str| place.problem("cannot connect", why);
    if server.host.starts_with('/') {
        return Err(refused("a socket of this machine is not allowed, unless the setting source_private = true"));
    }
    let allowed = hosts.allowed(&server.host).await.map_err(|why| refused(&why))?;
    // Nothing but the host of this name can show its certificate, wherever the name leads.
    let by_name = server.tls == Tls::Verified;
    Ok(if by_name { vec![server.host.clone()] } else { allowed.iter().map(IpAddr::to_string).collect() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use engine::databases::Access;
    use model::config::database::Database;

    use super::*;

    /// Knows `db` and nothing else.
    #[derive(Debug)]
    struct Known;

    #[async_trait]
    impl Hosts for Known {
        async fn allowed(&self, host: &str) -> Result<Vec<IpAddr>, String> {
            match host {
                "db" => Ok(vec!["192.0.43.8".parse().unwrap(), "2606:4700::1111".parse().unwrap()]),
                _ => Err(format!("{host} is not for you")),
            }
        }
    }

    async fn found(host: &str, tls: Tls, hosts: Option<&dyn Hosts>) -> Result<Vec<String>, String> {
        let server = DatabaseServer {
            host: host.to_owned(),
            port: None,
            database: "crm".to_owned(),
            user: "millrace".to_owned(),
            password: None,
            tls,
        };
        let access = Access {
            database: Database::Postgresql(server.clone()),
            password: None,
            roots: Vec::new(),
            timeout: Duration::from_secs(1),
        };
        of(&server, hosts, &Place::new(&access, None)).await.map_err(|failure| failure.to_string())
    }

    #[tokio::test]
    async fn ssrf_in_databases_what_was_looked_at_is_connected_to() {
        assert_eq!(found("db", Tls::Preferred, None).await.unwrap(), ["db"]);
        assert_eq!(found("/run/postgresql", Tls::Off, None).await.unwrap(), ["/run/postgresql"]);
        assert_eq!(found("db", Tls::Preferred, Some(&Known)).await.unwrap(), ["192.0.43.8", "2606:4700::1111"]);
        assert_eq!(found("db", Tls::Verified, Some(&Known)).await.unwrap(), ["db"]);
        for (host, expected) in [("inside", "inside is not for you"), ("/run/postgresql", "a socket of this machine")] {
            for tls in [Tls::Off, Tls::Verified] {
                let refused = found(host, tls, Some(&Known)).await.unwrap_err();
                assert!(refused.contains("cannot connect") && refused.contains(expected), "{refused}");
            }
        }
    }
}
