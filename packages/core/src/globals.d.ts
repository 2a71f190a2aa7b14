// The few globals of the platform that core names, declared so that they merge with the real ones. Core
// itself is compiled without any platform's types, so that it loads in every isolate.

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: any;
  throwIfAborted(): void;
}
