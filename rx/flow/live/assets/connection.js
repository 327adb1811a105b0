// The way to the program: server-sent events while somebody looks, again and again.

const again = 2000; // milliseconds until the next try
const silence = 5000; // after which the connection must be dead: events come every second

// Connection calls tell with "live", "lost", "full", "gone" or "paused", and show with what comes. It is silent while the tab is hidden.
export class Connection {
  #events = null;
  #timer = 0;
  #paused = false;
  #state = "";

  constructor({ show, tell }) {
    this.show = show;
    this.tell = (state) => {
      if (state !== this.#state) tell(state);
      this.#state = state;
    };
    document.addEventListener("visibilitychange", () => this.#renew());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", () => this.#renew());
    this.#renew();
  }

  pause(yes) {
    this.#paused = yes;
    this.#renew();
    if (yes) this.tell("paused");
  }

  #close() {
    this.#events?.close();
    this.#events = null;
    clearTimeout(this.#timer);
  }

  #renew() {
    this.#close();
    if (this.#paused || document.hidden) return;
    const events = new EventSource("events");
    this.#events = events;
    this.#expect(silence + again);
    events.onmessage = (message) => {
      this.#expect(silence);
      this.tell("live");
      this.show(JSON.parse(message.data));
    };
    events.addEventListener("goodbye", () => {
      this.tell("gone");
      this.#close();
      this.#expect(again);
    });
    events.onerror = () => {
      const refused = events.readyState === EventSource.CLOSED;
      this.#close();
      if (refused) this.#ask();
      else if (this.#state !== "gone") this.tell("lost");
      this.#expect(again);
    };
  }

  // expect renews the connection if nothing comes.
  #expect(within) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#events && this.#state !== "gone") this.tell("lost");
      this.#renew();
    }, within);
  }

  // ask finds out why the program, which is there, gives no events.
  async #ask() {
    const answer = await fetch("events", { method: "HEAD" }).catch(() => null);
    if (answer?.ok) this.tell("full");
    else if (this.#state !== "gone") this.tell("lost");
  }
}
