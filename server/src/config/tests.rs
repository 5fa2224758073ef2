use super::{value::Bytes, *};

fn resolve(args: &[&str], variables: &[(&str, &str)]) -> Result<Resolved, ConfigError> {
    let matches = command().try_get_matches_from(["millrace", "serve"].iter().chain(args)).expect("a command line");
    let (_, flags) = matches.subcommand().expect("serve");
    Resolved::new(flags, &|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    })
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("millrace.toml");
    std::fs::write(&path, text).expect("written");
    let path = path.to_str().expect("text").to_owned();
    (directory, path)
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let (_directory, path) = file("data = \"from-file\"\nmax_running = 7\nlog = \"warn\"\n");
    let variables = [("MILLRACE_CONFIG", path.as_str()), ("MILLRACE_LOG", "debug"), ("MILLRACE_DATA", "from-variable")];
    let resolved = resolve(&["--data", "from-flag", "--demo"], &variables).expect("resolves");
    let config = resolved.check().expect("valid");
    assert_eq!(config.data, PathBuf::from("from-flag"));
    assert_eq!((config.log.as_str(), config.max_running, config.demo), ("debug", 7, true));
    assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
    let table = resolved.table();
    for (name, origin) in [("data", "the command line"), ("log", "MILLRACE_LOG"), ("listen", "default")] {
        assert!(table.lines().any(|line| line.starts_with(name) && line.ends_with(origin)), "{name}:\n{table}");
    }
    assert!(table.lines().any(|line| line.starts_with("max_running") && line.ends_with("millrace.toml")), "{table}");
}

#[test]
fn an_unknown_setting_in_the_file_is_an_error() {
    let (_directory, path) = file("listne = \"127.0.0.1:3000\"\n");
    let error = resolve(&["--config", &path], &[]).expect_err("refused").to_string();
    assert!(error.contains("“listne” is not a setting") && error.contains("listen"), "{error}");
}

#[test]
fn a_settings_file_that_was_named_must_exist() {
    assert!(resolve(&["--config", "/nowhere/millrace.toml"], &[]).is_err());
}

fn check_refused(args: &[&str], expected: &str) {
    let error = resolve(args, &[]).expect("resolves").check().expect_err("refused").to_string();
    assert!(error.contains(expected), "{args:?}: {error}");
}

#[test]
fn a_wrong_value_is_named_with_its_origin_and_what_it_takes() {
    check_refused(&["--listen", "3000"], "(from the command line): say an address and a port");
    check_refused(&["--memory", "lots"], "say a size such as 512MiB");
    check_refused(&["--memory", "1MiB"], "say at least 64MiB");
    check_refused(&["--max-running", "0"], "say a number from 1 on");
    check_refused(&["--otlp-endpoint", "localhost:4318"], "such as http://127.0.0.1:4318");
    check_refused(&["--otlp-endpoint", "http://user:password@localhost"], "OTEL_EXPORTER_OTLP_HEADERS");
    check_refused(&["--auth", "password"], "say sign-in, or none");
}

#[test]
fn without_sign_in_only_this_machine_may_reach_the_server() {
    for address in ["0.0.0.0:3000", "192.0.2.1:3000", "[::]:3000"] {
        check_refused(&["--listen", address, "--auth", "none"], "with auth = none anyone there");
        let config = resolve(&["--listen", address], &[]).expect("resolves").check().expect("valid");
        assert_eq!((config.listen.to_string().as_str(), config.auth), (address, Auth::SignIn));
    }
    for address in ["127.0.0.1:3000", "127.1.2.3:0", "[::1]:3000"] {
        let config = resolve(&["--listen", address, "--auth", "none"], &[]).expect("resolves").check().expect("valid");
        assert_eq!((config.listen.to_string().as_str(), config.auth), (address, Auth::None));
    }
}

#[test]
fn a_certificate_comes_with_its_key() {
    let config = resolve(&["--tls-certificate", "chain.pem", "--tls-key", "key.pem"], &[]).expect("resolves");
    let files = TlsFiles { certificate: "chain.pem".into(), key: "key.pem".into() };
    assert_eq!(config.check().expect("valid").tls, Some(files));
    assert_eq!(resolve(&[], &[]).expect("resolves").check().expect("valid").tls, None);
    check_refused(&["--tls-certificate", "chain.pem"], "tls_key = “none” (from default): tls_certificate is set");
    check_refused(&["--tls-key", "key.pem"], "tls_certificate = “none” (from default): tls_key is set");
}

#[test]
fn proxies_and_hosts_are_lists() {
    let (_directory, path) =
        file("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nhosts = \"one.example, two.example:8443\"\n");
    let config = resolve(&["--config", &path], &[]).expect("resolves").check().expect("valid");
    assert_eq!(config.trusted_proxies, ["10.0.0.0/8", "::1/128"].map(|text| text.parse().expect("a network")));
    assert_eq!(config.hosts, ["one.example", "two.example:8443"]);
    check_refused(&["--trusted-proxies", "10.0.0.0/8,proxy.example"], "“proxy.example” is neither");
    check_refused(&["--trusted-proxies", "10.0.0.0/33"], "“10.0.0.0/33” is neither");
    for wrong in ["https://one.example", "*.example", "bob@one.example", "one.example:many", "two words"] {
        check_refused(&["--hosts", wrong], "is not a host");
    }
}

#[test]
fn the_public_address_is_a_scheme_and_a_host() {
    for url in ["https://millrace.example.com", "http://10.0.0.5:8080/", "https://[2001:db8::1]"] {
        let config = resolve(&["--public-url", url], &[]).expect("resolves").check().expect("valid");
        assert_eq!(config.public_url.as_deref(), Some(url.trim_end_matches('/')));
    }
    for wrong in
        ["millrace.example.com", "ftp://one.example", "https://", "https://one.example/millrace", "https://a@b"]
    {
        check_refused(&["--public-url", wrong], "say auto, or a scheme and a host");
    }
}

#[test]
fn sizes_are_read_as_they_are_written() {
    for text in ["1GiB", "512MiB", "7TiB", "1000"] {
        assert_eq!(text.parse::<Bytes>().expect("a size").to_string(), text);
    }
    assert_eq!("2 gib".parse(), Ok(Bytes(2 << 30)));
    assert!("99999999999TiB".parse::<Bytes>().is_err());
}

#[test]
fn files_of_the_server_are_reached_under_whole_directories_only() {
    let home = tempfile::tempdir().expect("a directory");
    let path = |name: &str| home.path().join(name).to_str().expect("text").to_owned();
    for name in ["data/inner", "exports", "imports"] {
        std::fs::create_dir_all(home.path().join(name)).expect("made");
    }
    std::fs::write(home.path().join("file"), "").expect("written");
    let data = path("data");
    let with = |roots: &str| resolve(&["--data", &data, "--files-roots", roots], &[]).expect("resolves").check();
    assert!(with("none").expect("valid").files_roots.is_empty());
    let both = format!("{}, {}/", path("exports"), path("imports"));
    assert_eq!(with(&both).expect("valid").files_roots, [PathBuf::from(path("exports")), path("imports").into()]);
    for (roots, why) in [
        ("exports", "has to be absolute"),
        (&path("exports/../imports"), "may not hold"),
        (&path("nowhere"), "cannot be opened"),
        (&path("file"), "is no directory"),
        // What Millrace keeps there is no project's business.
        (&path(""), "holds the data directory"),
        (&path("data/inner"), "lies in the data directory"),
        ("/", "holds the data directory"),
    ] {
        let refused = with(roots).expect_err("refused").to_string();
        assert!(refused.starts_with("files_roots = ") && refused.contains(why), "{roots}: {refused}");
    }
}

const PROVIDER: [&str; 4] = ["--oidc-issuer", "https://login.example.com/realms/main", "--oidc-client-id", "millrace"];

fn provider(args: &[&str]) -> ProviderSettings {
    let config = resolve(&[&PROVIDER, args].concat(), &[]).expect("resolves").check().expect("valid");
    config.provider.expect("a provider")
}

#[test]
fn a_provider_needs_little() {
    let settings = provider(&[]);
    assert_eq!((settings.name.as_str(), settings.role, settings.groups), ("login.example.com", None, None));
    assert_eq!(settings.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>(), ["profile", "email"]);
    assert!(settings.client_secret.is_none());
    assert!(resolve(&[], &[]).expect("resolves").check().expect("valid").provider.is_none());
}

#[test]
fn groups_at_the_provider_have_roles() {
    let args = ["--oidc-groups", "cn=admins=administrator, data = editor", "--oidc-groups-claim", "roles"];
    let rule = provider(&args).groups.expect("a rule");
    let roles = [("cn=admins".to_owned(), model::Role::Administrator), ("data".to_owned(), model::Role::Editor)];
    assert_eq!((rule.claim.as_str(), rule.roles.as_slice()), ("roles", roles.as_slice()));
    check_refused(&[&PROVIDER[..], &["--oidc-groups", "admins"]].concat(), "say groups with their roles");
    check_refused(
        &[&PROVIDER[..], &["--oidc-groups", "admins=root"]].concat(),
        "“root” is not a role; there are viewer,",
    );
    check_refused(&[&PROVIDER[..], &["--oidc-role", "root"]].concat(), "“root” is not a role");
}

#[test]
fn a_provider_that_cannot_work_is_refused_at_the_start() {
    check_refused(&PROVIDER[..2], "oidc_client_id = “none” (from default): the provider of oidc_issuer gives");
    check_refused(&["--oidc-issuer", "login.example.com"], "say none, or the address of a provider");
    check_refused(&["--oidc-issuer", "http://login.example.com"], "it has to be https");
    check_refused(&[&PROVIDER[..], &["--auth", "none"]].concat(), "set auth to sign-in");
    let elsewhere = [&PROVIDER[..], &["--listen", "0.0.0.0:3000"]].concat();
    check_refused(&elsewhere, "public_url = “auto” (from default): the provider of oidc_issuer leads people back");
    let named = [&elsewhere[..], &["--public-url", "https://millrace.example.com"]].concat();
    assert!(resolve(&named, &[]).expect("resolves").check().expect("valid").provider.is_some());
    let here = resolve(&["--oidc-issuer", "http://localhost:8080", "--oidc-client-id", "millrace"], &[]);
    assert!(here.expect("resolves").check().expect("valid").provider.is_some());
}

#[test]
fn the_secret_of_the_client_is_never_shown() {
    let resolved = resolve(&PROVIDER, &[("MILLRACE_OIDC_CLIENT_SECRET", "hunter2")]).expect("resolves");
    assert!(!resolved.table().contains("hunter2"));
    let settings = resolved.check().expect("valid").provider.expect("a provider");
    assert_eq!(settings.client_secret.as_ref().map(|secret| secret.secret().as_str()), Some("hunter2"));
    assert!(!format!("{settings:?}").contains("hunter2"));
}
