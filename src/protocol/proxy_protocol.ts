export class ProxyHeaderParser { source: { ip: string; port: number } | null = null; secure = false; parse(_b: Uint8Array, _f: number, _t: number): number { throw new Error("being written"); } }
