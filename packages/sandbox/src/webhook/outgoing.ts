// What goes out next, and what is under way: bounded in number, and as the dispatch plans it.

import type { Busy, DeliveryTable, DueDelivery } from "../store/delivery-table.ts";
import { deliveryName } from "./answer.ts";
import type { Dispatch, Parcel } from "./dispatch.ts";

/** Attempts under way at once: of the venue, and to one endpoint. */
export const SENDING_MAX = 16;
export const SENDING_PER_WEBHOOK_MAX = 4;

/** What is sent of a delivery at an instant. */
export interface Sending {
  readonly delivery: DueDelivery;
  readonly at: number;
  /** Whether its answer is noted. */
  readonly counts: boolean;
  /** Lost on the way: believed to be through, and never sent. */
  readonly lost: boolean;
}

export interface Outgoing {
  /** Takes the next one that is due and may go now. */
  take(at: number): Sending | undefined;
  /** When the next one is due; undefined where none is, or none may go. */
  nextAt(): number | undefined;
  /** How many more may go now. */
  free(): number;
  /** An attempt holds a connection until the returned function is called. */
  connect(webhook: string): () => void;
  /** The attempt of a delivery has been noted, or given up. */
  end(delivery: DueDelivery): void;
}

export function createOutgoing(deliveries: DeliveryTable, dispatch: Dispatch): Outgoing {
  /** Deliveries whose attempt is not noted yet. */
  const underway = new Set<number>();
  /** Attempts that hold a connection, by endpoint. */
  const connected = new Map<string, number>();
  /** In due order. */
  const planned: Sending[] = [];
  let connections = 0;

  const busy = (): Busy => {
    const full = [...connected].filter(([, count]) => count >= SENDING_PER_WEBHOOK_MAX);
    return { ids: [...underway], webhooks: full.map(([webhook]) => webhook) };
  };

  function plan(delivery: DueDelivery, at: number): void {
    const waits = dispatch(parcelOf(delivery, at));
    if (waits.length === 0) planned.push({ delivery, at, counts: true, lost: true });
    waits.forEach((wait, index) => {
      const due = at + Math.max(0, wait);
      planned.push({ delivery, at: due, counts: index === 0, lost: false });
    });
    planned.sort((a, b) => a.at - b.at);
  }

  return {
    take(at) {
      for (;;) {
        const [first] = planned;
        if (first !== undefined && first.at <= at) return planned.shift();
        const delivery = deliveries.due(at, busy());
        if (delivery === undefined) return undefined;
        underway.add(delivery.id);
        plan(delivery, at);
      }
    },
    nextAt() {
      if (connections >= SENDING_MAX) return undefined;
      const at = Math.min(planned[0]?.at ?? Infinity, deliveries.nextAt(busy()) ?? Infinity);
      return at === Infinity ? undefined : at;
    },
    free: () => SENDING_MAX - connections,
    connect(webhook) {
      connections += 1;
      connected.set(webhook, (connected.get(webhook) ?? 0) + 1);
      return () => {
        connections -= 1;
        const others = (connected.get(webhook) ?? 1) - 1;
        if (others === 0) connected.delete(webhook);
        else connected.set(webhook, others);
      };
    },
    end({ id }) {
      underway.delete(id);
    },
  };
}

function parcelOf(
  { id, webhook, agent, eventId, type, attempts }: DueDelivery,
  at: number,
): Parcel {
  const deliveryId = deliveryName(id);
  return { deliveryId, webhookId: webhook, agent, eventId, type, attempt: attempts + 1, at };
}
