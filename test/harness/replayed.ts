// What the replay tests bundle for Temporal's sandbox: a function per workflow, under its name.

import { dca, openAgent, riskMonitor } from "@holdfast/agents";
import { onTemporal } from "@holdfast/temporal/workflow";
import { child, every, failing, looping, paying } from "./every-command.ts";

const dcaRun = onTemporal(dca);
const openAgentRun = onTemporal(openAgent);
const riskMonitorRun = onTemporal(riskMonitor);
const childRun = onTemporal(child);
const everyRun = onTemporal(every);
const failingRun = onTemporal(failing);
const loopingRun = onTemporal(looping);
const payingRun = onTemporal(paying);

export {
  dcaRun as "agents.dca",
  openAgentRun as "agents.openAgent",
  riskMonitorRun as "agents.riskMonitor",
  childRun as "every.child",
  everyRun as "every.command",
  failingRun as "every.failing",
  loopingRun as "every.loop",
  payingRun as "every.paying",
};
