// Where Go has installed programs.

import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Where a program that `go install` made may lie. */
export function goPrograms(name: string): readonly string[] {
  const folders = ["GOBIN", "GOPATH"].map((variable) => {
    const path = goVariable(variable);
    return path === "" || variable === "GOBIN" ? path : join(path, "bin");
  });
  return folders.filter((path) => path !== "").map((path) => join(path, name));
}

function goVariable(name: string): string {
  try {
    return execFileSync("go", ["env", name], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
