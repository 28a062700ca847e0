/**
 * An act that is written to the log asks first: what will happen, why, sometimes until when. One
 * dialogue for all of them, so that all look and answer alike.
 */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Form, Input, Modal } from 'antd';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { ApiError } from '../api/client';
import { useWords } from '../words/catalogue';
import { common } from '../words/common';
import { Failure } from './failure';

// biome-ignore lint/suspicious/noExplicitAny: the fields are whatever the asking page declares
type Values = Record<string, any> & { reason: string };

export interface Question {
	title: string;
	/** What will come of it, in one or two sentences. */
	text?: ReactNode;
	/** Form.Items between the text and the reason. */
	fields?: ReactNode;
	initial?: Record<string, unknown>;
	noReason?: boolean;
	danger?: boolean;
	confirm?: string;
	run: (values: Values) => Promise<unknown>;
	/** Instead of a short "done": what the answer holds, shown until closed. */
	result?: (answer: unknown) => ReactNode;
}

const Context = createContext<(question: Question) => void>(() => {});

export function useAsk(): (question: Question) => void {
	return useContext(Context);
}

function isProposal(answer: unknown): boolean {
	return typeof answer === 'object' && answer !== null && 'proposed_at' in answer;
}

function Dialogue({ question, close }: { question: Question; close: () => void }) {
	const c = useWords(common);
	const client = useQueryClient();
	const { message } = App.useApp();
	const [form] = Form.useForm<Values>();
	const [shown, setShown] = useState<ReactNode>(null);
	const run = useMutation({
		mutationFn: question.run,
		onSuccess: (answer) => {
			client.invalidateQueries();
			const result = question.result?.(answer);
			if (result) {
				setShown(result);
				return;
			}
			message.success(isProposal(answer) ? c.secondPerson : c.done);
			close();
		},
		onError: (error) => {
			if (error instanceof ApiError && error.field && form.getFieldInstance(error.field))
				form.scrollToField(error.field);
		},
	});
	if (shown)
		return (
			<Modal
				open
				title={question.title}
				onCancel={close}
				onOk={close}
				okText={c.close}
				footer={(_, { OkBtn }) => <OkBtn />}
			>
				{shown}
			</Modal>
		);
	return (
		<Modal
			open
			title={question.title}
			onCancel={close}
			onOk={form.submit}
			okText={question.confirm ?? c.confirm}
			cancelText={c.cancel}
			okButtonProps={{ danger: question.danger }}
			confirmLoading={run.isPending}
			mask={{ closable: false }}
		>
			<Form
				form={form}
				layout="vertical"
				initialValues={question.initial}
				onFinish={(values) => run.mutate(values)}
				className="stack"
			>
				{question.text && <div>{question.text}</div>}
				{run.isError && <Failure error={run.error} />}
				{question.fields}
				{!question.noReason && (
					<Form.Item
						name="reason"
						label={c.reason}
						extra={c.reasonHint}
						rules={[{ required: true, whitespace: true, min: 2, message: c.reasonShort }]}
					>
						<Input.TextArea rows={3} maxLength={160} autoFocus={!question.fields} />
					</Form.Item>
				)}
			</Form>
		</Modal>
	);
}

export function AskProvider({ children }: { children: ReactNode }) {
	const [question, setQuestion] = useState<Question | null>(null);
	return (
		<Context.Provider value={setQuestion}>
			{children}
			{question && <Dialogue question={question} close={() => setQuestion(null)} />}
		</Context.Provider>
	);
}
