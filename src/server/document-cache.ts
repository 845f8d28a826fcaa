import type { DocumentNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'

/** Bytes that kept documents may take. */
const BYTES = 8_000_000

/** What one token of a document takes in memory, with the nodes that are made of it; measured. */
const BYTES_PER_TOKEN = 500

/**
 * Documents that were found valid, by their text.
 *
 * Bounded in bytes: a number of documents says little where a client may send a hundred thousand bytes in each.
 */
export class DocumentCache {
  readonly #documents: LRUCache<string, DocumentNode>

  constructor(bytes: number = BYTES) {
    this.#documents = new LRUCache({ maxSize: bytes, sizeCalculation: weightOf })
  }

  get size(): number {
    return this.#documents.size
  }

  get bytes(): number {
    return this.#documents.calculatedSize
  }

  get(text: string): DocumentNode | undefined {
    return this.#documents.get(text)
  }

  /** Whether it is this very document that is kept. */
  has(document: DocumentNode): boolean {
    const text = textOf(document)
    return text !== undefined && this.#documents.peek(text) === document
  }

  keep(document: DocumentNode): void {
    const text = textOf(document)
    if (text !== undefined) this.#documents.set(text, document)
  }
}

/**
 * Parses and validates a document once.
 *
 * Yoga's own cache keeps as many documents as it likes by their number, and what is wrong with the invalid ones; so that one is to be turned off.
 */
export function useDocumentCache(cache: DocumentCache = new DocumentCache()): Plugin {
  return {
    onParse({ params: { source }, setParsedDocument }) {
      const document = cache.get(typeof source === 'string' ? source : source.body)
      if (document !== undefined) setParsedDocument(document)
    },
    onValidate({ params, setResult }) {
      const document = params.documentAST
      if (cache.has(document)) return setResult([])
      return ({ valid }) => {
        if (valid) cache.keep(document)
      }
    },
  }
}

function textOf(document: DocumentNode): string | undefined {
  return document.loc?.source.body
}

function weightOf(document: DocumentNode, text: string): number {
  let tokens = 0
  for (let token = document.loc?.startToken; token != null; token = token.next ?? undefined) tokens += 1
  return 2 * text.length + BYTES_PER_TOKEN * tokens
}
