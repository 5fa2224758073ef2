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
fn sizes_are_read_as_they_are_written() {
    for text in ["1GiB", "512MiB", "7TiB", "1000"] {
        assert_eq!(text.parse::<Bytes>().expect("a size").to_string(), text);
    }
    assert_eq!("2 gib".parse(), Ok(Bytes(2 << 30)));
    assert!("99999999999TiB".parse::<Bytes>().is_err());
}
