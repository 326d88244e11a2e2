// Headless Chromium by the DevTools protocol, over pipes: no port, no library.
import {spawn} from "node:child_process";
import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

const FLAGS = [
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run",
    "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
    "--disable-dev-shm-usage", "--disable-extensions", "--disable-quic", "--disable-sync",
    "--force-device-scale-factor=1", "--hide-scrollbars", "--mute-audio",
];

// One browser with one page. Events of the protocol go to `onEvent(method, parameters)`.
export class Browser {
    constructor(program, onEvent) {
        this.profile = mkdtempSync(join(tmpdir(), "roundel-chromium-"));
        this.child = spawn(program, [...FLAGS, `--user-data-dir=${this.profile}`, "about:blank"],
            {stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"]});
        this.said = "";
        this.child.stderr.on("data", data => this.said += data);
        this.onEvent = onEvent;
        this.waiting = new Map();
        this.next = 1;
        this.ended = new Promise(resolve => this.child.on("close", resolve));
        this.child.on("error", error => this.fail(error));
        this.ended.then(() => this.fail(new Error("the browser ended\n" + this.said)));
        this.child.stdio[3].on("error", () => {});
        let text = "";
        this.child.stdio[4].on("data", data => {
            const messages = (text + data).split("\0");
            text = messages.pop();
            messages.forEach(message => this.receive(JSON.parse(message)));
        });
    }

    fail(error) {
        for (const {reject} of this.waiting.values())
            reject(error);
        this.waiting.clear();
    }

    receive(message) {
        const call = this.waiting.get(message.id);
        if (!call)
            return message.method && this.onEvent(message.method, message.params);
        this.waiting.delete(message.id);
        if (message.error)
            call.reject(new Error(`${call.method}: ${message.error.message}`));
        else
            call.resolve(message.result);
    }

    send(method, params = {}) {
        const id = this.next++;
        const message = {id, method, params, sessionId: this.session};
        return new Promise((resolve, reject) => {
            this.waiting.set(id, {method, resolve, reject});
            this.child.stdio[3].write(JSON.stringify(message) + "\0");
        });
    }

    async open() {
        const {targetInfos} = await this.send("Target.getTargets");
        const {targetId} = targetInfos.find(target => target.type === "page");
        const {sessionId} = await this.send("Target.attachToTarget", {targetId, flatten: true});
        this.session = sessionId;
        for (const domain of ["Page", "Runtime", "Log", "Network"])
            await this.send(domain + ".enable");
    }

    // The value of an expression in the page; waits for promises.
    async evaluate(expression) {
        const {result, exceptionDetails} = await this.send("Runtime.evaluate",
            {expression, returnByValue: true, awaitPromise: true});
        if (exceptionDetails)
            throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
        return result.value;
    }

    async close() {
        this.child.kill("SIGKILL");
        await this.ended;
        rmSync(this.profile, {recursive: true, force: true, maxRetries: 20, retryDelay: 50});
    }
}
