import { capitalized, formatCount, formatDay } from "../format";
import { platformName } from "../panels/platform-icons";

/** A field of a tool's arguments, as its JSON schema tells. */
export interface ArgumentField {
  name: string;
  label: string;
  kind: "number" | "date" | "text" | "choice" | "choices";
  isRequired: boolean;
  choices: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export type Arguments = Record<string, unknown>;

export interface ArgumentsSchema {
  properties?: Record<string, Property>;
  required?: string[];
  $defs?: Record<string, Property>;
}

interface Property {
  type?: string;
  format?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  $ref?: string;
  anyOf?: Property[];
  items?: Property;
}

/** What can be edited: all that a person can write into a field. */
export function fieldsOf({ properties = {}, required = [], $defs = {} }: ArgumentsSchema) {
  return Object.entries(properties).flatMap(([name, property]): ArgumentField[] => {
    const found = resolve(property, $defs);
    const { minimum, maximum, maxLength } = found;
    const kind = kindOf(found);
    const choices = (kind === "choices" ? resolve(found.items ?? {}, $defs) : found).enum ?? [];
    if (!kind || (kind === "choices" && choices.length === 0)) return [];
    const isRequired = required.includes(name);
    return [
      { name, label: labelOf(name), kind, isRequired, choices, minimum, maximum, maxLength },
    ];
  });
}

/** `due_date` as a person would write it. */
export function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return capitalized(words);
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const WORD_OF_OURS = /^[a-z]+(_[a-z]+)*$/;

/** An argument as a person would write it. */
export function textOfArgument(value: unknown): string {
  if (typeof value === "number") return formatCount(value);
  if (typeof value === "string") {
    if (DAY.test(value)) return formatDay(value, "long");
    return WORD_OF_OURS.test(value) ? labelOf(platformName(value)) : value;
  }
  if (Array.isArray(value)) return value.map(textOfArgument).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function resolve(property: Property, definitions: Record<string, Property>): Property {
  const told = property.anyOf?.find(({ type }) => type !== "null") ?? property;
  const name = told.$ref?.split("/").pop();
  return name ? { ...told, ...definitions[name] } : told;
}

function kindOf({ type, format, enum: choices }: Property): ArgumentField["kind"] | undefined {
  if (choices) return "choice";
  if (type === "integer" || type === "number") return "number";
  if (type === "array") return "choices";
  if (type === "string") return format === "date" ? "date" : "text";
  return undefined;
}
