//! Who may do what over HTTP and websocket. The rules themselves are tested at the port (`server/src/backend/asked/tests.rs`);
//! here, that no path leads around them, and that nothing of a project is shown to those who may not see it.

mod feed;
mod lists;
mod routes;
