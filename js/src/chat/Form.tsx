import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Field } from "../protocol.gen";
import { errorAt, type FieldValue, initialValue } from "./fields";
import "./form.css";
import { isComposing } from "./keyboard";
import type { Outgoing } from "./outgoing";
import { useName } from "./useName";

export interface FormProps {
  outgoing: Outgoing;
  fields: readonly Field[];
  submit(): void;
}

/** What the application asks for: Enter sends from a line, Ctrl+Enter from everywhere. */
export function Form({ outgoing, fields, submit, label }: FormProps & { label: string }) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || isComposing(event)) return;
    const line = event.target instanceof HTMLInputElement && event.target.type === "text";
    if (!line && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    submit();
  };
  return (
    <form class="bcw-form" aria-label={label} noValidate onKeyDown={onKeyDown} onSubmit={(e) => e.preventDefault()}>
      <Fields outgoing={outgoing} fields={fields} prefix="" />
    </form>
  );
}

/** What may be said besides the text. */
export function Options({ outgoing, fields }: { outgoing: Outgoing; fields: readonly Field[] }) {
  const details = useRef<HTMLDetailsElement>(null);
  const wrong = fields.some((field) => errorAt(outgoing.errors.value, field.name, false) !== null);
  useLayoutEffect(() => {
    if (wrong && details.current !== null) details.current.open = true;
  }, [wrong]);
  return (
    <details ref={details} class="bcw-options">
      <summary>Options</summary>
      <div>
        <Fields outgoing={outgoing} fields={fields} prefix="" />
      </div>
    </details>
  );
}

/** The fields alone: those of a form, of an object, or the options beside a text. */
export function Fields({ outgoing, fields, prefix }: Omit<FormProps, "submit"> & { prefix: string }) {
  return fields.map((field) => (
    <FieldView key={field.name} outgoing={outgoing} field={field} path={prefix + field.name} />
  ));
}

interface FieldProps {
  outgoing: Outgoing;
  field: Field;
  path: string;
}

function FieldView({ outgoing, field, path }: FieldProps) {
  if (field.kind === "object") {
    return (
      <Group outgoing={outgoing} field={field} path={path}>
        <Fields outgoing={outgoing} fields={field.fields} prefix={`${path}.`} />
      </Group>
    );
  }
  if (field.labels.length > 0) {
    return (
      <Group outgoing={outgoing} field={field} path={path}>
        {field.labels.map((label, n) => {
          const answer: Field = { ...field, name: label, kind: "text", labels: [], default: null, description: null };
          return <FieldView key={`${n}:${label}`} outgoing={outgoing} field={answer} path={`${path}.${n}`} />;
        })}
      </Group>
    );
  }
  if (field.kind === "boolean" && typeof field.default !== "boolean") {
    return (
      <Group outgoing={outgoing} field={field} path={path}>
        <YesOrNo outgoing={outgoing} path={path} />
      </Group>
    );
  }
  return <Line outgoing={outgoing} field={field} path={path} />;
}

/** Several controls under one name. */
function Group({ outgoing, field, path, children }: FieldProps & { children: ComponentChildren }) {
  const id = useName();
  const hasParts = field.kind === "object" || field.labels.length > 0;
  const error = errorAt(outgoing.errors.value, path, hasParts);
  return (
    <fieldset class="bcw-fieldset" aria-describedby={describedBy(id, field, error)} data-wrong={error !== null}>
      <legend>
        <Name field={field} />
      </legend>
      <Description id={id} field={field} />
      {children}
      <Wrong id={id} error={error} />
    </fieldset>
  );
}

/** One control with its label. */
function Line({ outgoing, field, path }: FieldProps) {
  const id = useName();
  const error = errorAt(outgoing.errors.value, path, false);
  const value = outgoing.values.value[path] ?? initialValue(field);
  const set = (next: FieldValue) => outgoing.fill(path, next);
  const given = {
    id,
    "aria-invalid": error !== null,
    "aria-describedby": describedBy(id, field, error),
    "aria-required": field.required,
  };
  const type = (event: { currentTarget: { value: string } }) => set(event.currentTarget.value);
  const label = (
    <label for={id} dir="auto">
      <Name field={field} />
    </label>
  );
  return (
    <div class="bcw-field" data-kind={field.kind}>
      {field.kind !== "boolean" && label}
      <Description id={id} field={field} />
      {field.kind === "boolean" ? (
        <span class="bcw-check">
          <input type="checkbox" {...given} checked={value === true} onChange={(e) => set(e.currentTarget.checked)} />
          {label}
        </span>
      ) : field.kind === "choice" ? (
        <select {...given} value={String(value)} onChange={type}>
          {initialValue(field) === "" && <option value="">{field.required ? "Choose …" : "None"}</option>}
          {field.choices.map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      ) : field.kind === "integer" || field.kind === "number" ? (
        <input
          type="text"
          inputMode={field.kind === "integer" ? "numeric" : "decimal"}
          autoComplete="off"
          {...given}
          value={String(value)}
          onInput={type}
        />
      ) : (
        <textarea
          dir={field.kind === "json" ? "ltr" : "auto"}
          rows={field.kind === "text" ? 1 : 2}
          spellcheck={field.kind !== "json"}
          placeholder={{ list: "One to a line", json: "JSON" }[field.kind as string] ?? ""}
          {...given}
          value={String(value)}
          onInput={type}
        />
      )}
      <Wrong id={id} error={error} />
    </div>
  );
}

/** Nothing is chosen until a person has: an approval must not be given, or refused, by default. */
function YesOrNo({ outgoing, path }: Omit<FieldProps, "field">) {
  const name = useName();
  const error = errorAt(outgoing.errors.value, path, false);
  const value = outgoing.values.value[path];
  return (
    <div class="bcw-choices">
      {[true, false].map((choice) => (
        <label key={String(choice)} class="bcw-check">
          <input
            type="radio"
            name={name}
            checked={value === choice}
            aria-invalid={error !== null}
            onChange={() => outgoing.fill(path, choice)}
          />
          {choice ? "Yes" : "No"}
        </label>
      ))}
    </div>
  );
}

function Name({ field }: { field: Field }) {
  return (
    <>
      {field.name}
      {!field.required && <span class="bcw-optional"> (optional)</span>}
    </>
  );
}

function Description({ id, field }: { id: string; field: Field }) {
  if (field.description === null) return null;
  return (
    <p id={`${id}-description`} class="bcw-description" dir="auto">
      {field.description}
    </p>
  );
}

function Wrong({ id, error }: { id: string; error: string | null }) {
  if (error === null) return null;
  return (
    <p id={`${id}-error`} class="bcw-wrong">
      {error}
    </p>
  );
}

function describedBy(id: string, field: Field, error: string | null): string | undefined {
  const ids = [
    ...(field.description === null ? [] : [`${id}-description`]),
    ...(error === null ? [] : [`${id}-error`]),
  ];
  return ids.length > 0 ? ids.join(" ") : undefined;
}
