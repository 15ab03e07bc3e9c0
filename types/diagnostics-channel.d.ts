// The messages of the diagnostics channels. The channels themselves belong to `node:diagnostics_channel`.

import { Socket } from 'node:net'
import { URL } from 'node:url'
import buildConnector from './connector'
import Dispatcher from './dispatcher'
import { IncomingHttpHeaders } from './header'

/** One interface a channel; the channel's name is in its description. Source: undici 5 to 8. */
export declare namespace DiagnosticsChannel {
  /** The request, the same object in all messages about it. */
  interface Request {
    origin?: string | URL
    completed: boolean
    method?: Dispatcher.HttpMethod
    path: string
    /** A flat array: name, value, name, value. */
    headers: any
    /** Adds a field to the request; only within `undici:request:create`. @throws InvalidArgumentError */
    addHeader (key: string, value: string): Request
  }

  interface Response {
    statusCode: number
    statusText: string
    headers: Buffer[] | IncomingHttpHeaders
  }

  interface ConnectParams {
    host: URL['host']
    hostname: URL['hostname']
    protocol: URL['protocol']
    port: URL['port']
    servername: string | null
  }

  type Connector = buildConnector.connector

  /** `undici:request:create`: valid, and not yet queued. The place to add fields. */
  export interface RequestCreateMessage {
    request: Request
  }

  /** `undici:request:bodySent`: completely written. */
  export interface RequestBodySentMessage {
    request: Request
  }

  /** `undici:request:bodyChunkSent`: a piece of the body was handed to the connection. Source: undici 7. */
  export interface RequestBodyChunkSentMessage {
    request: Request
    chunk: Uint8Array | string
  }

  /** `undici:request:bodyChunkReceived`: a piece of the response's body. Source: undici 7. */
  export interface RequestBodyChunkReceivedMessage {
    request: Request
    chunk: Buffer
  }

  /** `undici:request:headers`: a head came. */
  export interface RequestHeadersMessage {
    request: Request
    response: Response
  }

  /** `undici:request:trailers`: the response is complete, with or without trailers. */
  export interface RequestTrailersMessage {
    request: Request
    trailers: Buffer[]
    /** When the steps of the exchange were done. Made when it is read; undici has none. */
    readonly timings: Dispatcher.Timings
  }

  /** `undici:request:error`: the request is about to fail. */
  export interface RequestErrorMessage {
    request: Request
    error: Error
  }

  /** `undici:client:sendHeaders`: the head as it goes out. */
  export interface ClientSendHeadersMessage {
    request: Request
    headers: string
    /** Describes the connection; no Node socket lies beneath. */
    socket: Socket
  }

  /** `undici:client:beforeConnect` */
  export interface ClientBeforeConnectMessage {
    connectParams: ConnectParams
    connector: Connector
  }

  /** `undici:client:connected` */
  export interface ClientConnectedMessage {
    /** Describes the connection; no Node socket lies beneath. */
    socket: Socket
    connectParams: ConnectParams
    connector: Connector
  }

  /** `undici:client:connectError` */
  export interface ClientConnectErrorMessage {
    error: Error
    socket: Socket
    connectParams: ConnectParams
    connector: Connector
  }
}
