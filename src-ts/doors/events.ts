/**
 * Event cameras and other sources of events: files, transforms, sensors, data sets, streams into sessions.
 *
 * @packageDocumentation
 */

export * from '../events/index.ts';
