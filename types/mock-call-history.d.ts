// What a MockAgent was asked for. Source: undici 7.

import Dispatcher from './dispatcher'

export { MockCallHistory, MockCallHistoryLog }

declare namespace MockCallHistoryLog {
  export type MockCallHistoryLogProperties = 'protocol' | 'host' | 'port' | 'origin' | 'path' | 'hash' | 'fullUrl' |
    'method' | 'searchParams' | 'body' | 'headers'
}

/** One request. */
declare class MockCallHistoryLog {
  /** @throws InvalidArgumentError where origin and path make no URL */
  constructor (requestInit: Dispatcher.DispatchOptions)
  /** `http:` or `https:`. */
  protocol: string
  host: string
  port: string
  origin: string
  /** Without the query. */
  path: string
  hash: string
  fullUrl: string
  method: string
  searchParams: Record<string, string>
  body: string | null | undefined
  headers: Record<string, string | string[]> | null | undefined

  /** Its properties by name. */
  toMap (): Map<MockCallHistoryLog.MockCallHistoryLogProperties, string | Record<string, string | string[]> | null | undefined>
  /** Its properties in one line, `name->value`, with `|` between them. */
  toString (): string
}

declare namespace MockCallHistory {
  export type FilterCallsOperator = 'AND' | 'OR'

  export interface FilterCallsOptions {
    /** Whether one of the criteria has to match, or all. Default: `OR`. @throws InvalidArgumentError */
    operator?: FilterCallsOperator | Lowercase<FilterCallsOperator>
  }

  export type FilterCallsFunctionCriteria = (log: MockCallHistoryLog) => boolean
  /** A string has to be equal. */
  export type FilterCallsParameter = string | RegExp | undefined | null

  export interface FilterCallsObjectCriteria extends Record<string, FilterCallsParameter> {
    protocol?: FilterCallsParameter
    host?: FilterCallsParameter
    port?: FilterCallsParameter
    origin?: FilterCallsParameter
    path?: FilterCallsParameter
    hash?: FilterCallsParameter
    fullUrl?: FilterCallsParameter
    method?: FilterCallsParameter
  }
}

/** The requests of a MockAgent, intercepted or not, oldest first. */
declare class MockCallHistory {
  constructor (name?: string)
  calls (): MockCallHistoryLog[]
  firstCall (): MockCallHistoryLog | undefined
  lastCall (): MockCallHistoryLog | undefined
  /** Counted from 1. @throws InvalidArgumentError where that is no whole number above 0 */
  nthCall (position: number): MockCallHistoryLog | undefined
  /** Those that a function, a RegExp for their `toString()`, or criteria match. @throws InvalidArgumentError */
  filterCalls (
    criteria: MockCallHistory.FilterCallsFunctionCriteria | MockCallHistory.FilterCallsObjectCriteria | RegExp,
    options?: MockCallHistory.FilterCallsOptions
  ): MockCallHistoryLog[]
  filterCallsByProtocol (protocol: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByHost (host: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByPort (port: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByOrigin (origin: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByPath (path: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByHash (hash: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByFullUrl (fullUrl: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  filterCallsByMethod (method: MockCallHistory.FilterCallsParameter, logs?: MockCallHistoryLog[]): MockCallHistoryLog[]
  /** Forgets all of them. */
  clear (): void
  [Symbol.iterator]: () => Generator<MockCallHistoryLog>
}
