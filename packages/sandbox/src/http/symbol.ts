// Spellings of a pair in the published guides, brought to one: BTC, BTC/USD, BTC-USD, BTCUSDT → BTC-PERP.

export function canonicalSymbol(text: string): string {
  const upper = text.trim().toUpperCase();
  const base = /^([A-Z0-9]+?)(?:[-/_]?(?:PERP|USDT|USDC|USD))?$/u.exec(upper)?.[1] ?? upper;
  return `${base}-PERP`;
}
