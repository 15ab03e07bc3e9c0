// The SnapshotAgent: records real responses and plays them back. Source: undici 7.

import MockAgent from './mock-agent'

export { SnapshotAgent, SnapshotRecorder }

/** The snapshots of a SnapshotAgent, and their file. */
declare class SnapshotRecorder {
  constructor (options?: SnapshotRecorder.Options)

  /** Adds a response to those of its request. */
  record (requestOpts: any, response: any): Promise<void>
  /** The snapshot of a request, with the response that is its turn. */
  findSnapshot (requestOpts: any): SnapshotRecorder.Snapshot | undefined
  /** Whether a request is neither recorded nor played back. */
  isUrlExcluded (requestOpts: any): boolean
  loadSnapshots (filePath?: string): Promise<void>
  saveSnapshots (filePath?: string): Promise<void>
  clear (): void
  getSnapshots (): SnapshotRecorder.Snapshot[]
  size (): number
  resetCallCounts (): void
  deleteSnapshot (requestOpts: any): boolean
  getSnapshotInfo (requestOpts: any): SnapshotRecorder.SnapshotInfo | null
  replaceSnapshots (snapshotData: SnapshotRecorder.SnapshotData[] | Record<string, SnapshotRecorder.Snapshot>): void
  /** Ends what runs by itself. */
  destroy (): void
  /** Writes the file, where there is one, and ends what runs by itself. */
  close (): Promise<void>
}

declare namespace SnapshotRecorder {
  type SnapshotRecorderMode = 'record' | 'playback' | 'update'

  export interface Options {
    /** The file. Default: none, which only `record` can do without. */
    snapshotPath?: string
    /** Default: `record`. @throws InvalidArgumentError */
    mode?: SnapshotRecorderMode
    /** How many at most; the oldest goes. Default: any number. */
    maxSnapshots?: number
    /** Whether the file is written while recording. Default: `false`. */
    autoFlush?: boolean
    /** How many milliseconds after something was recorded. Default: 1000. */
    flushInterval?: number
    /** The request's headers that count. Default: all. */
    matchHeaders?: string[]
    /** The request's headers that do not count. Default: none. */
    ignoreHeaders?: string[]
    /** Headers that are kept out of the file, of requests and responses. Default: none. */
    excludeHeaders?: string[]
    /** Whether the body counts. Default: `true`. */
    matchBody?: boolean
    /** What of the body counts. Default: all of it. */
    normalizeBody?: (body: string | Buffer | null | undefined) => string
    /** Whether the query counts. Default: `true`. */
    matchQuery?: boolean
    /** What of the query counts. Default: all of it, in its order. */
    normalizeQuery?: (query: URLSearchParams) => string
    /** Whether the names in the options above are compared as they are written. Default: `false`. */
    caseSensitive?: boolean
    /** Which requests are recorded. Default: all. */
    shouldRecord?: (requestOpts: any) => boolean
    /** Which requests are played back. Default: all. */
    shouldPlayback?: (requestOpts: any) => boolean
    /** Requests that always go to the server: parts of their URLs, in any case, or RegExps. Default: none. */
    excludeUrls?: (string | RegExp)[]
  }

  export interface Snapshot {
    request: {
      method: string
      url: string
      headers: Record<string, string>
      body?: string
    }
    responses: {
      statusCode: number
      headers: Record<string, string>
      /** In Base64. */
      body: string
      trailers: Record<string, string>
    }[]
    callCount: number
    timestamp: string
  }

  export interface SnapshotInfo {
    hash: string
    request: Snapshot['request']
    responseCount: number
    callCount: number
    timestamp: string
  }

  export interface SnapshotData {
    hash: string
    snapshot: Snapshot
  }
}

/** Records the responses of real servers, or gives them again without a server. */
declare class SnapshotAgent extends MockAgent {
  /** @throws InvalidArgumentError for a `mode` that is none, and without a `snapshotPath` where the mode needs one */
  constructor (options?: SnapshotAgent.Options)

  /** @throws InvalidArgumentError without a path; system errors */
  saveSnapshots (filePath?: string): Promise<void>
  /** Puts those of a file in the place of those that there are. @throws InvalidArgumentError without a path; UndiciError for a file that cannot be read */
  loadSnapshots (filePath?: string): Promise<void>
  getRecorder (): SnapshotRecorder
  getMode (): SnapshotRecorder.SnapshotRecorderMode
  /** Forgets all snapshots. */
  clearSnapshots (): void
  /** Each request gets its first response next. */
  resetCallCounts (): void
  /** Forgets the snapshot of a request. Returns whether there was one. */
  deleteSnapshot (requestOpts: any): boolean
  /** Facts about the snapshot of a request. */
  getSnapshotInfo (requestOpts: any): SnapshotRecorder.SnapshotInfo | null
  /** Puts snapshots in the place of those that there are. */
  replaceSnapshots (snapshotData: SnapshotRecorder.SnapshotData[] | Record<string, SnapshotRecorder.Snapshot>): void
}

declare namespace SnapshotAgent {
  export interface Options extends MockAgent.Options, SnapshotRecorder.Options {}
}
