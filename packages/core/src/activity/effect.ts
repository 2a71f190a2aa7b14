// The effect class of an activity decides how carefully it is repeated.

/**
 * What an activity does to the world: nothing that matters when repeated (`none`), something repeatable with
 * the same key (`external`), or something with money (`money`: recorded before it is sent, never resent
 * blindly).
 */
export type Effect = "none" | "external" | "money";
