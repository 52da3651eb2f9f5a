// What stands in the place of one's first model: the way to it.
import { Button, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { Link } from 'wouter';
import classes from './list.module.css';

export function NoModels() {
  return (
    <div className={classes.empty}>
      <IconUpload size={28} stroke={1.5} aria-hidden />
      <h2>Your first model</h2>
      <Text c="dimmed" maw={420}>
        Upload an .onnx file and the CSV it was trained on. Postern reads the features and classes from them, runs a few
        rows, and shows you what it has learnt before anything goes live.
      </Text>
      <Button component={Link} href="/console/models/new" variant="light" mt="xs">
        Upload a model
      </Button>
    </div>
  );
}
