// What a version of a project's code is called at the server.

export interface Version {
  /** What has versions: the project's code behind one task queue. */
  readonly deployment: string;
  readonly build: string;
}

/** The name of a queue's versions; the server keeps dots and colons for itself. */
export function deploymentOf(taskQueue: string): string {
  return taskQueue.replaceAll(/[.:]/gu, "-");
}

/** The version as the server's own lists name it. */
export function versionText({ deployment, build }: Version): string {
  return `${deployment}:${build}`;
}
