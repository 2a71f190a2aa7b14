// "holdfast/notify": the ways in which a project tells people what needs them.

export * from "@holdfast/notify";
