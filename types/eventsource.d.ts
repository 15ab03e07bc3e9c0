// EventSource, by the path that undici has for it.

export { EventSource, EventSourceInit } from './websocket'
