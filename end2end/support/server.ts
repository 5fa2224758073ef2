// The real binary, on a free port and a data directory of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Everybody may do everything. */
const OPEN = ["--auth", "none"];

export class Server {
  readonly #data: string;
  readonly #options: readonly string[];
  #listen = "127.0.0.1:0";
  #process: ChildProcess | undefined;
  /** What the process printed, for the report of a test that fails. */
  readonly log: string[] = [];

  private constructor(data: string, options: readonly string[]) {
    this.#data = data;
    this.#options = options;
  }

  /** A server that is ready; with `demo` its data directory is seeded first. */
  static async start(demo: boolean, options: readonly string[] = OPEN): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "millrace-")), options);
    await server.#start(demo);
    return server;
  }

  get url(): string {
    return `http://${this.#listen}`;
  }

  /** Ends the process as a power cut would and starts it again on the same port and data. */
  async crashAndRestart(): Promise<void> {
    await this.#end("SIGKILL");
    await this.#start(false);
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    await rm(this.#data, { recursive: true });
  }

  async #start(demo: boolean): Promise<void> {
    const binary = process.env.MILLRACE_BINARY;
    if (!binary) {
      throw new Error("MILLRACE_BINARY is not set: run these tests with `cargo xtask test e2e`");
    }
    const options = ["serve", "--listen", this.#listen, "--data", this.#data, ...this.#options];
    const child = spawn(binary, demo ? [...options, "--demo"] : options, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    child.stderr.on("data", (text) => this.log.push(String(text)));
    await new Promise<void>((resolve, reject) => {
      // Once it is ready the server says where it is.
      createInterface(child.stdout).on("line", (line) => {
        this.log.push(`${line}\n`);
        const address = /Millrace is at\s+http:\/\/([\d.:]+)/.exec(line)?.[1];
        if (address) {
          this.#listen = address;
          resolve();
        }
      });
      child.once("error", reject);
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${this.log.join("")}`)));
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}
