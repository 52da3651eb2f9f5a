// A default or an example: a choice where the values are known, else typed.
import { Autocomplete, NativeSelect, TextInput } from '@mantine/core';
import type { Feature } from '../../../../worker/contract.ts';

interface Props {
  readonly feature: Feature;
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly fault: string | null;
  readonly onChange: (text: string) => void;
}

export function ValueField({ feature, label, description, value, fault, onChange }: Props) {
  const { type, length, encoding, closed, values } = feature;
  const shared = {
    label,
    error: fault,
    ...(description === undefined ? {} : { description }),
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as ('label' | 'input' | 'description' | 'error')[],
  };
  const choices =
    encoding?.map(([sent]) => String(sent)) ??
    (type === 'boolean' ? ['true', 'false'] : closed === true ? values?.map(String) : undefined);
  if (choices !== undefined && length === undefined) {
    return (
      <NativeSelect
        {...shared}
        data={[{ value: '', label: 'none' }, ...choices]}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    );
  }
  if (type === 'string' && length === undefined && values !== undefined) {
    return <Autocomplete {...shared} data={values.map(String)} value={value} onChange={onChange} limit={50} />;
  }
  return (
    <TextInput
      {...shared}
      inputMode={type === 'string' || length !== undefined ? 'text' : 'decimal'}
      placeholder={length === undefined ? 'none' : `${length} values, separated by commas`}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
