// The page that checks a bet: reads the proof, plays it again, shows what agrees. The formulas are the venue's
// own, served beside this file; here is only what a page needs. Text is set as text, never as markup.

import { oddsOf, readClaim, toDecimal, multiplierMax, verify } from "./fair/index.js";

/** A round of the documentation: it agrees, and whoever changes a digit sees what that does. */
const EXAMPLE = {
  game: "crash",
  params: { auto_cashout: 1.1 },
  server_seed: "holdfast-server-seed-0001",
  server_seed_hash: "9ea7bf9b7d5bb1c464841892f6655b8904856e05dc3bf33dcad86b98d9997431",
  client_seed: "holdfast-client",
  nonce: 0,
  outcome: "win",
  result: "1.19",
  amount_micros: "1000000",
  payout_micros: "1100000",
};

const BETS = [
  ["Crash, cash out at 1.50", { game: "crash", cashOut: 1.5 }],
  ["Crash, cash out at 10.00", { game: "crash", cashOut: 10 }],
  ["Dice, over 50", { game: "dice", target: 50, over: true }],
  ["Dice, under 50", { game: "dice", target: 50, over: false }],
  ["Coin, as the guides have it", { game: "coinflip", side: "heads", pays: "seed" }],
  ["Coin, at a house", { game: "coinflip", side: "heads", pays: "house" }],
  ["Slots", { game: "slots" }],
];

const element = (id) => document.getElementById(id);
const percent = ({ numerator, denominator }) =>
  `${toDecimal({ numerator: numerator * 100n, denominator }, 3)} %`;

function fill(table, rows) {
  const body = table.querySelector("tbody");
  body.replaceChildren(
    ...rows.map((cells) => {
      const row = document.createElement("tr");
      row.append(
        ...cells.map(([text, kind]) => {
          const cell = document.createElement("td");
          cell.textContent = text;
          if (kind !== undefined) cell.className = kind;
          return cell;
        }),
      );
      return row;
    }),
  );
}

function say(text, kind) {
  const verdict = element("verdict");
  verdict.textContent = text;
  verdict.className = kind;
  verdict.hidden = false;
}

function show({ agrees, checks, round, serverSeedHash, digest, payout }) {
  if (checks.length === 0) say("Played again. The proof claims nothing to compare with.", "");
  else say(agrees ? "It agrees." : "It does not agree.", agrees ? "good" : "bad");
  fill(
    element("checks"),
    checks.map((check) => [
      [check.name],
      [check.claimed],
      [check.found],
      [check.agrees ? "yes" : "no", check.agrees ? "good" : "bad"],
    ]),
  );
  element("checks").hidden = checks.length === 0;
  const facts = [
    ["Drawn", `${round.result} (${round.outcome})`],
    ["Digest", digest],
    ["Server seed hash", serverSeedHash],
    ["Paid, in micro-USDC", payout === undefined ? "no stake given" : String(payout)],
  ];
  element("round").replaceChildren(
    ...facts.flatMap(([name, value]) => {
      const term = document.createElement("dt");
      const text = document.createElement("dd");
      term.textContent = name;
      text.textContent = value;
      return [term, text];
    }),
  );
  element("round").hidden = false;
}

async function check() {
  try {
    show(await verify(readClaim(JSON.parse(element("proof").value))));
  } catch (error) {
    element("checks").hidden = true;
    element("round").hidden = true;
    say(`It cannot be checked: ${error.message}`, "bad");
  }
}

element("proof").value = JSON.stringify(EXAMPLE, undefined, 2);
element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void check();
});
fill(
  element("odds"),
  BETS.map(([name, bet]) => {
    const { chance, rtp } = oddsOf(bet);
    const most = (Number(multiplierMax(bet)) / 10_000).toString();
    const pays = bet.game === "slots" ? `up to ${most}` : most;
    return [[name], [percent(chance)], [`× ${pays}`], [percent(rtp)]];
  }),
);
void check();
