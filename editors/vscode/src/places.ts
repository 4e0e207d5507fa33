// What the server answers to searches, and how a list of it is arranged. Knows nothing of VS Code.

/** A place in a file, as the server's commands answer it. Lines of `range` count from 0. */
export interface Place {
  uri: string;
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
  path: string;
  line: number;
  symbol: string;
  score: number;
  why: string[];
  text?: string;
}

export interface FileOfPlaces {
  path: string;
  uri: string;
  places: Place[];
}

/** The places by file: files in the order of their best place, places as they came. */
export function byFile(places: readonly Place[]): FileOfPlaces[] {
  const files = new Map<string, FileOfPlaces>();
  for (const place of places) {
    const file = files.get(place.uri) ?? { path: place.path, uri: place.uri, places: [] };
    file.places.push(place);
    files.set(place.uri, file);
  }
  return [...files.values()];
}

/** What a place is called in a list. */
export function label(place: Place): string {
  if (place.symbol) {
    return place.symbol;
  }
  const first = (place.text ?? "").split("\n").find((line) => line.trim() !== "");
  return first?.trim() ?? `line ${place.line}`;
}

/** Why it is there, in one line. */
export function reasons(place: Place): string {
  return place.why.join("; ");
}

/** Whether an answer of the server is a list of places. */
export function arePlaces(answer: unknown): answer is Place[] {
  return (
    Array.isArray(answer) &&
    answer.every((one) => typeof one === "object" && one !== null && "uri" in one && "range" in one && "path" in one)
  );
}
