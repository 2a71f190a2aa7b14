// Every limit has a name. They are the same on both engines, so that what runs here also runs there.

/** Largest encoded payload (input, output, signal), in bytes. */
export const PAYLOAD_BYTES_MAX = 2 * 1024 * 1024;
/** Encoded payload size from which a warning is logged, in bytes. */
export const PAYLOAD_BYTES_WARN = 512 * 1024;
/** History entries from which a warning is logged. */
export const HISTORY_ENTRIES_WARN = 10_240;
/** History entries after which a run may not go on. */
export const HISTORY_ENTRIES_MAX = 51_200;
/** History entries from which a run should continue as new; `ctx.loop` does so by itself. */
export const HISTORY_ENTRIES_SUGGEST = 4_096;
/** Length of an id in UTF-8 bytes. */
export const ID_BYTES_MAX = 255;
/** Calls, timers or children of one run that may be open at once. */
export const PENDING_MAX = 2_000;
/** Signals that one generation of a run takes. */
export const SIGNALS_MAX = 10_000;
/** Updates of one run that may be being answered at once. */
export const UPDATES_PENDING_MAX = 10;
/** Updates that one generation of a run takes. */
export const UPDATES_MAX = 2_000;
/** Of one run's open calls, timers, children or messages, the number from which a warning is logged. */
export const PENDING_WARN = 1_600;
/** Nesting of a value that crosses the codec. */
export const VALUE_DEPTH_MAX = 64;
/** Tags of one run. */
export const TAGS_MAX = 32;
