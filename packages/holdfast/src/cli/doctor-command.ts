// `doctor`: what is fine, what is worth a look, and what is in the way, with what to do.

import { type DoctorOptions, examineProject } from "../doctor/doctor.ts";
import type { Finding } from "../doctor/finding.ts";
import { clean } from "../terminal/text.ts";
import { leave, say, sayJson } from "./print.ts";

export interface DoctorCommandOptions extends DoctorOptions {
  readonly json?: boolean;
}

export async function doctorCommand(options: DoctorCommandOptions): Promise<void> {
  const findings = await examineProject(options);
  const count = (level: Finding["level"]): number =>
    findings.filter((finding) => finding.level === level).length;
  const totals = { problems: count("problem"), warnings: count("warn") };
  if (options.json === true) sayJson({ findings, ...totals });
  else {
    for (const finding of findings) sayFinding(finding);
    say(`Problems: ${totals.problems}. Warnings: ${totals.warnings}.`);
  }
  process.exitCode = totals.problems > 0 ? 1 : 0;
  await leave();
}

function sayFinding({ about, level, says, advice }: Finding): void {
  const [first = "", ...more] = says.split("\n");
  say(clean(`${level.padEnd(8)} ${about}: ${first}`));
  for (const line of more) say(clean(`         ${line}`));
  if (advice !== undefined) say(clean(`         -> ${advice}`));
}
