// "holdfast/agents": ready-made agents.

export * from "@holdfast/agents";
