// The theme starts its search with the page: a program, and an index as large as two lectures. Both wait here until a reader
// goes to the search.
{
  const Browsers = Worker, Started = location.protocol === "file:" ? framed() : Browsers;
  const asked = new Promise((go) => addEventListener("focusin", (event) => event.target.closest(".md-search") && go()));
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      if (String(address).startsWith("blob:")) return new Browsers(address); // the playground's, which is not the search
      this.started = asked.then(() => {
        const worker = new Started(address);
        worker.addEventListener("message", ({ data }) => this.dispatchEvent(new MessageEvent("message", { data })));
        return worker;
      });
    }
    postMessage(message) {
      this.started.then((worker) => worker.postMessage(message));
    }
  };

  const { open, send } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, address, ...rest) {
    this.waits = String(address).endsWith("search/search_index.json");
    open.call(this, method, address, ...rest);
  };
  XMLHttpRequest.prototype.send = function (body) {
    this.waits ? asked.then(() => send.call(this, body)) : send.call(this, body);
  };

  // Chromium starts no worker for a page from a folder. There the search runs in a hidden frame, which needs no inline script.
  function framed() {
    return class extends EventTarget {
      constructor(address) {
        super();
        const frame = document.createElement("iframe");
        frame.hidden = true;
        document.body.append(frame);
        this.inside = frame.contentWindow;
        this.inside.document.open();
        this.inside.document.write("<!doctype html><body></body>");
        this.inside.document.close();
        this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        this.inside.importScripts = (...addresses) => addresses.reduce((before, next) => before.then(() => this.load(next)), Promise.resolve());
        this.ready = this.load(address);
      }
      load(address) {
        const script = this.inside.document.createElement("script");
        script.src = address;
        this.inside.document.body.append(script);
        return new Promise((loaded) => (script.onload = loaded));
      }
      postMessage(data) {
        this.ready.then(() => this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data })));
      }
    };
  }
}
