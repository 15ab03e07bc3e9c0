// WebSocket, EventSource and their events: Node's own, with a dispatcher among the options. On a Node.js without one of
// them its constructor throws a NotSupportedError.

import { ReadableStream, WritableStream } from 'node:stream/web'
import Dispatcher from './dispatcher'
import { HeadersInit } from './fetch'

/** The second argument of `new WebSocket` in its long form. */
export interface WebSocketInit {
  /** Subprotocols, the preferred first. */
  protocols?: string | string[]
  /** Who opens the connection. Default: `getGlobalDispatcher()`. */
  dispatcher?: Dispatcher
  /** Fields of the request for the upgrade. */
  headers?: HeadersInit
}

export type BinaryType = 'blob' | 'arraybuffer'

interface EventInit {
  bubbles?: boolean
  cancelable?: boolean
  composed?: boolean
}

export interface CloseEventInit extends EventInit {
  code?: number
  reason?: string
  wasClean?: boolean
}

export interface ErrorEventInit extends EventInit {
  message?: string
  filename?: string
  lineno?: number
  colno?: number
  error?: any
}

export interface MessageEventInit<T = any> extends EventInit {
  data?: T
  lastEventId?: string
  origin?: string
  ports?: any[]
  source?: any
}

export interface CloseEvent extends Event {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}
export declare const CloseEvent: {
  prototype: CloseEvent
  new (type: string, init?: CloseEventInit): CloseEvent
}

export interface ErrorEvent extends Event {
  readonly message: string
  readonly filename: string
  readonly lineno: number
  readonly colno: number
  readonly error: any
}
export declare const ErrorEvent: {
  prototype: ErrorEvent
  new (type: string, init?: ErrorEventInit): ErrorEvent
}

export interface MessageEvent<T = any> extends Event {
  readonly data: T
  readonly lastEventId: string
  readonly origin: string
  readonly ports: readonly any[]
  readonly source: any
}
export declare const MessageEvent: {
  prototype: MessageEvent
  new<T>(type: string, init?: MessageEventInit<T>): MessageEvent<T>
}

interface WebSocketEventMap {
  close: CloseEvent
  error: ErrorEvent
  message: MessageEvent
  open: Event
}

export interface WebSocket extends EventTarget {
  binaryType: BinaryType
  readonly bufferedAmount: number
  readonly extensions: string
  readonly protocol: string
  readonly readyState: number
  readonly url: string
  onclose: ((this: WebSocket, event: CloseEvent) => any) | null
  onerror: ((this: WebSocket, event: ErrorEvent) => any) | null
  onmessage: ((this: WebSocket, event: MessageEvent) => any) | null
  onopen: ((this: WebSocket, event: Event) => any) | null
  close (code?: number, reason?: string): void
  send (data: string | ArrayBufferView | ArrayBuffer | Blob): void
  addEventListener<K extends keyof WebSocketEventMap> (type: K, listener: (this: WebSocket, event: WebSocketEventMap[K]) => any, options?: any): void
  addEventListener (type: string, listener: any, options?: any): void
  removeEventListener<K extends keyof WebSocketEventMap> (type: K, listener: (this: WebSocket, event: WebSocketEventMap[K]) => any, options?: any): void
  removeEventListener (type: string, listener: any, options?: any): void
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
}

/** Source: the WebSockets standard; undici 5 to 8. */
export declare const WebSocket: {
  prototype: WebSocket
  new (url: string | URL, protocols?: string | string[] | WebSocketInit): WebSocket
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
}

/**
 * Sends a ping, where the connection is open.
 * @param webSocket one that was made by the class of this package.
 * @param payload at most 125 octets.
 * @throws TypeError for either argument. Source: undici 7.
 */
export declare function ping (webSocket: WebSocket, payload?: Buffer): void

/** Why a WebSocket is closed: 1000 or 3000 to 4999, and at most 123 octets. */
export interface WebSocketCloseInfo {
  closeCode?: number
  reason?: string
}

export interface WebSocketStreamOptions {
  protocols?: string[]
  /** Ends the attempt to connect. */
  signal?: AbortSignal
  /** Who opens the connection. Default: `getGlobalDispatcher()`. */
  dispatcher?: Dispatcher
  /** Fields of the request for the upgrade. */
  headers?: HeadersInit
}

/** A WebSocket as a pair of streams. Source: https://github.com/whatwg/websockets/pull/48; undici 7. */
export interface WebSocketStream {
  readonly url: string
  readonly opened: Promise<{ extensions: string, protocol: string, readable: ReadableStream<string | Uint8Array>, writable: WritableStream }>
  readonly closed: Promise<{ closeCode: number, reason: string }>
  close (closeInfo?: WebSocketCloseInfo): void
}

/** @throws DOMException `SyntaxError` for the URL and the protocols; NotSupportedError where this Node.js has no WebSocket. */
export declare const WebSocketStream: {
  prototype: WebSocketStream
  new (url: string | URL, options?: WebSocketStreamOptions): WebSocketStream
}

/** What a WebSocketStream fails with, and what closes one. Source: as WebSocketStream. */
export interface WebSocketError extends DOMException {
  readonly closeCode: number | null
  readonly reason: string
}

/** @throws DOMException `InvalidAccessError` for the code, `SyntaxError` for the reason. */
export declare const WebSocketError: {
  prototype: WebSocketError
  new (message?: string, init?: WebSocketCloseInfo): WebSocketError
}

/** The second argument of `new EventSource`. */
export interface EventSourceInit {
  withCredentials?: boolean
  /** Who opens the connections. Default: `getGlobalDispatcher()`. */
  dispatcher?: Dispatcher
  /** Where undici 8 has the same, and the milliseconds before it connects again. */
  node?: { dispatcher?: Dispatcher, reconnectionTime?: number }
}

interface EventSourceEventMap {
  error: ErrorEvent
  message: MessageEvent
  open: Event
}

export interface EventSource extends EventTarget {
  readonly readyState: number
  readonly url: string
  readonly withCredentials: boolean
  onerror: ((this: EventSource, event: ErrorEvent) => any) | null
  onmessage: ((this: EventSource, event: MessageEvent) => any) | null
  onopen: ((this: EventSource, event: Event) => any) | null
  close (): void
  addEventListener<K extends keyof EventSourceEventMap> (type: K, listener: (this: EventSource, event: EventSourceEventMap[K]) => any, options?: any): void
  addEventListener (type: string, listener: any, options?: any): void
  removeEventListener<K extends keyof EventSourceEventMap> (type: K, listener: (this: EventSource, event: EventSourceEventMap[K]) => any, options?: any): void
  removeEventListener (type: string, listener: any, options?: any): void
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSED: 2
}

/** Source: the HTML standard; undici 6 to 8. */
export declare const EventSource: {
  prototype: EventSource
  new (url: string | URL, init?: EventSourceInit): EventSource
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSED: 2
}
