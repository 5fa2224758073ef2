//! What a client finds out about all executions.

use std::collections::HashSet;

use model::execution::{Execution, Status};

use super::Client;

impl Client {
    /// Nothing runs or waits.
    pub(crate) async fn is_idle(&self) -> bool {
        for status in Status::ALL.into_iter().filter(|status| !status.is_final()) {
            let path = format!("/api/v1/executions?limit=1&status={}", status.as_str());
            let page = self.get(&path).await.expect(200).json();
            if page["items"] != serde_json::json!([]) {
                return false;
            }
        }
        true
    }

    /// Waits until nothing runs or waits.
    pub(crate) async fn idle(&self) {
        let mut feed = self.feed().await;
        while !self.is_idle().await {
            feed.message().await;
        }
    }

    pub(crate) async fn all_executions(&self) -> Vec<Execution> {
        let (mut all, mut seen, mut path) = (Vec::new(), HashSet::new(), "/api/v1/executions?limit=200".to_owned());
        loop {
            let page = self.get(&path).await.expect(200).json();
            let items: Vec<Execution> = serde_json::from_value(page["items"].clone()).unwrap();
            all.extend(items.into_iter().filter(|execution| seen.insert(execution.id)));
            let Some(cursor) = page["next_cursor"].as_str() else { return all };
            path = format!("/api/v1/executions?limit=200&cursor={cursor}");
        }
    }

    /// What a success left for download has the bytes and rows that it says.
    pub(crate) async fn check_whole(&self, execution: &Execution) {
        let path = format!("/api/v1/executions/{}/outputs", execution.id);
        let outputs = self.get(&path).await.expect(200).json();
        let main = &outputs["items"][0];
        let file = self.get(&format!("{path}/{}", main["name"].as_str().unwrap())).await.expect(200).body;
        assert_eq!(file.len() as u64, main["bytes"].as_u64().unwrap());
        let lines = file.iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!(Some(lines - 1), main["rows"].as_u64());
    }
}
