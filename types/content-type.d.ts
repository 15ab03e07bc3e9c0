// MIME types, by the MIME Sniffing standard.

export interface MIMEType {
  type: string
  subtype: string
  parameters: Map<string, string>
  essence: string
}

/** Reads the value of a `content-type` field. */
export declare function parseMIMEType (input: string): 'failure' | MIMEType
/** Writes what `parseMIMEType` returned. */
export declare function serializeAMimeType (mimeType: MIMEType): string
