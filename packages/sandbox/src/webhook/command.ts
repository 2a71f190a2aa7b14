// What an agent wants of its webhooks.

export type WebhookCommand =
  | {
      readonly operation: "register-webhook";
      readonly url: string;
      readonly topics: readonly string[];
      readonly description: string;
    }
  | {
      readonly operation: "update-webhook";
      readonly webhook: string;
      /** What is undefined stays as it is. */
      readonly url: string | undefined;
      readonly topics: readonly string[] | undefined;
      readonly description: string | undefined;
      readonly enabled: boolean | undefined;
    }
  | { readonly operation: "remove-webhook"; readonly webhook: string }
  | {
      readonly operation: "rotate-webhook-secret";
      readonly webhook: string;
      /** How long the old secret signs, too. */
      readonly overlapMs: number;
    }
  | { readonly operation: "test-webhook"; readonly webhook: string }
  | {
      readonly operation: "replay-webhook";
      readonly webhook: string;
      readonly what: ReplayWish;
    };

/** One delivery, or every event of the endpoint's topics from an instant on and after an event. */
export type ReplayWish =
  | { readonly kind: "one"; readonly delivery: string }
  | { readonly kind: "since"; readonly since: number; readonly after: string };
