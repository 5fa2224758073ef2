mod cancel;
mod failure;
mod queue;
mod reports;
mod stop;
