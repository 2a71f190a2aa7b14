// Spellings of a pair in the published guides, brought to one: BTC, BTC-PERP, BTC/USD, BTC-USD and BTCUSDT are
// all BTC-PERP.

const SPELLING = /^([A-Z0-9]+?)(?:[-/_]?(?:PERP|USDT|USDC|USD))?$/u;

export function canonicalSymbol(text: string): string {
  const upper = text.trim().toUpperCase();
  return `${SPELLING.exec(upper)?.[1] ?? upper}-PERP`;
}
