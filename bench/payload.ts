// What a step is given and gives: some 60 bytes. It stands apart, so that a floor loads nothing of the product.

export interface Payload {
  readonly symbol: string;
  readonly side: string;
  readonly n: number;
  readonly sizeUsd: string;
}

export const payload = (n: number): Payload => ({
  symbol: "BTC-PERP",
  side: "long",
  n,
  sizeUsd: "25.00",
});
