// Modules of ours as they travel: gzipped.

export function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Blob> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
}

export async function importGzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown>> {
  const url = URL.createObjectURL(new Blob([await unzipped(bytes)], { type: "text/javascript" }));
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
