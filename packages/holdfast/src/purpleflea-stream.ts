// "holdfast/purpleflea/stream": the venue's event stream, for Node; beside the rest, so that what runs in a browser
// does not load it.

export * from "@holdfast/purpleflea/stream";
